import type { FakeVolume, Inode, NameChange } from './inode.ts'

/** Changes what entries name, as everybody sees them; durable once an fsync of a directory of theirs succeeds. */
export function changeNames(volume: FakeVolume, entries: NameChange['entries']): void {
  setNames(entries)
  volume.names = [...volume.names, { entries, isDoomed: false }]
}

/** The same by somebody whose changes are durable at once, such as the server's. */
export function changeNamesDurably(volume: FakeVolume, entries: NameChange['entries']): void {
  setNames(entries)
  applyToDisk({ entries, isDoomed: false })
  const isCovered = (earlier: NameChange['entries'][number]): boolean =>
    entries.some(({ directory, name }) => directory === earlier.directory && name === earlier.name)
  for (const change of volume.names) change.entries = change.entries.filter((entry) => !isCovered(entry))
}

function setNames(entries: NameChange['entries']): void {
  for (const { directory, name, inode } of entries) {
    const before = directory.entries.get(name)
    if (before !== undefined) before.links -= 1
    if (inode === undefined) directory.entries.delete(name)
    else directory.entries.set(name, inode)
    if (inode === undefined) continue
    inode.links += 1
    if (inode.kind === 'directory') inode.parent = { directory, name }
  }
}

/** An fsync of a directory that succeeds: its changes, and earlier ones of the same entries, are durable. */
export function makeNamesDurable(directory: Inode): void {
  const { volume } = directory
  const chosen = new Set<NameChange>()
  const covers = (change: NameChange, other: NameChange): boolean =>
    change.entries.some((one) => other.entries.some((each) => each.directory === one.directory && each.name === one.name))
  for (const change of volume.names.toReversed()) {
    const concerns = !change.isDoomed && change.entries.some((entry) => entry.directory === directory)
    if (concerns || [...chosen].some((later) => covers(later, change))) chosen.add(change)
  }
  for (const change of volume.names) if (chosen.has(change)) applyToDisk(change)
  volume.names = volume.names.filter((change) => !chosen.has(change))
}

/** An fsync of a directory that fails: no later one can be trusted with its changes. */
export function loseNames(directory: Inode): void {
  for (const change of directory.volume.names) if (change.entries.some((entry) => entry.directory === directory)) change.isDoomed = true
}

/** What a change leaves on the disk itself. */
export function applyToDisk({ entries }: NameChange): void {
  for (const { directory, name, inode } of entries) {
    if (inode === undefined) directory.durableEntries.delete(name)
    else directory.durableEntries.set(name, inode)
  }
}

/** Whether a power cut cannot change what `name` in `directory` names. */
export function isNameDurable(directory: Inode, name: string): boolean {
  if (directory.durableEntries.get(name) !== directory.entries.get(name)) return false
  return !directory.volume.names.some((change) => change.entries.some((entry) => entry.directory === directory && entry.name === name))
}
