import type { Metafile } from 'esbuild'

/** Names of the packages that the program evaluates as soon as it starts: what `entry` reaches without `import()`. */
export function loadedAtStart(metafile: Metafile, entry: string): readonly string[] {
  const seen = new Set<string>()
  const waiting = [entry]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    const imports = metafile.inputs[path]?.imports ?? []
    waiting.push(...imports.filter(({ kind, external }) => kind !== 'dynamic-import' && external !== true).map((found) => found.path))
  }
  return [...new Set([...seen].map(packageName).filter((name) => name !== ''))].sort()
}

function packageName(path: string): string {
  return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? ''
}
