import type { FileStatus } from '../../src/ports/files.ts'

/** One file, directory or link in memory. */
export interface TreeNode {
  kind: FileStatus['kind']
  content: Uint8Array
  /** Where a link points; empty otherwise. */
  target: string
  mode: number
  uid: number
  gid: number
  inode: number
  modifiedWallMs: number
}

/** A tree of files in memory, by absolute path without a trailing slash. Links in the middle of a path are followed. */
export interface Tree {
  readonly nodes: Map<string, TreeNode>
  /** The path with links resolved; the last part only when `followLast`. Does not say whether it exists. */
  locate(path: string, followLast: boolean): string
  add(path: string, node: Partial<TreeNode>): TreeNode
  children(path: string): string[]
}

export function createTree(wallMs: () => number): Tree {
  const nodes = new Map<string, TreeNode>()
  let inodes = 1

  function add(path: string, node: Partial<TreeNode>): TreeNode {
    const empty = { kind: 'file' as const, content: new Uint8Array(), target: '', mode: 0o600, uid: 105, gid: 113 }
    const whole = { ...empty, inode: inodes, modifiedWallMs: wallMs(), ...node }
    inodes += 1
    nodes.set(path, whole)
    return whole
  }

  function locate(path: string, followLast: boolean, depth = 0): string {
    if (depth > 40) return path
    const parts = path.split('/').filter((part) => part !== '' && part !== '.')
    let current = ''
    for (const [index, part] of parts.entries()) {
      const next = part === '..' ? parentOf(current) : `${current}/${part}`
      const node = nodes.get(next || '/')
      const last = index === parts.length - 1
      if (node?.kind === 'link' && (!last || followLast)) {
        const target = node.target.startsWith('/') ? node.target : `${current}/${node.target}`
        return locate([target, ...parts.slice(index + 1)].join('/'), followLast, depth + 1)
      }
      current = next
    }
    return current || '/'
  }

  function children(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`
    const names = [...nodes.keys()].filter((each) => each !== '/' && each.startsWith(prefix)).map((each) => each.slice(prefix.length))
    return names.filter((name) => !name.includes('/')).sort()
  }

  add('/', { kind: 'directory', mode: 0o755 })
  return { nodes, locate, add, children }
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
