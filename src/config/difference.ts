import type { ClusterConfig, Config } from './config.ts'

/**
 * The keys, as they are written in the file, in which two configurations differ: `watch.interval`,
 * `clusters.15-main.port`, `clusters.16-test (added)`. Names only, never values.
 */
export function diffConfig(before: Config, after: Config): readonly string[] {
  const { clusters: clustersBefore, ...restBefore } = before
  const { clusters: clustersAfter, ...restAfter } = after
  return [...diffClusters(clustersBefore, clustersAfter), ...diffValues(restBefore, restAfter, '')]
}

function diffClusters(before: Config['clusters'], after: Config['clusters']): readonly string[] {
  if (before === undefined && after === undefined) return []
  if (before === undefined || after === undefined) return [`clusters (${after === undefined ? 'removed' : 'added'})`]
  const names = [...new Set([...before, ...after].map(({ name }) => name))]
  return names.flatMap((name) => diffCluster(name, find(before, name), find(after, name)))
}

function find(clusters: readonly ClusterConfig[], name: string): ClusterConfig | undefined {
  return clusters.find((cluster) => cluster.name === name)
}

function diffCluster(name: string, before: ClusterConfig | undefined, after: ClusterConfig | undefined): readonly string[] {
  if (before === undefined || after === undefined) return [`clusters.${name} (${after === undefined ? 'removed' : 'added'})`]
  return diffValues(before, after, `clusters.${name}`)
}

function diffValues(before: unknown, after: unknown, path: string): readonly string[] {
  if (!isSection(before) && !isSection(after)) return JSON.stringify(before) === JSON.stringify(after) ? [] : [path]
  if (!isSection(before) || !isSection(after)) return [`${path} (${isSection(after) ? 'added' : 'removed'})`]
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name) => diffValues(before[name], after[name], `${path}${separator(path, name)}${keyOf(name)}`))
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `password.file` of the typed configuration is the one key `password_file` in the file. */
function separator(path: string, name: string): string {
  if (path === '') return ''
  return path.endsWith('.password') && name !== '' ? '_' : '.'
}

/** `graceMs` → `grace`: the typed configuration's names carry the unit at the end. */
function keyOf(name: string): string {
  return name.replace(/(Ms|Bytes|Ratio)$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
