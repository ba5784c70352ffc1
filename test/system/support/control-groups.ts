import { readFileSync, writeFileSync } from 'node:fs'

const NEEDED = ['systemd', 'unified', 'cpuacct', 'pids', 'memory', 'freezer']

/** Folders of a control group of that name in every hierarchy that a container needs, of version 1 and 2. */
export function controlGroupPaths(name: string): readonly string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, path = '', type = '']) => type === 'cgroup2' || (type === 'cgroup' && NEEDED.some((end) => path.endsWith(end))))
    .map(([, path = '']) => `${path}/${name}`)
}

/** Moves a process, and so its future children, into the groups. */
export function enterControlGroups(groups: readonly string[], pid: number): void {
  for (const group of groups) writeFileSync(`${group}/cgroup.procs`, String(pid))
}
