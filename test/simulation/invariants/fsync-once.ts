import type { Invariant } from './invariant.ts'

export const fsyncOnce: Invariant = {
  name: 'fsync-once',
  meaning: 'a failed fsync is never tried again: the kernel has dropped the pages, and the next one lies',
  watch: (world, violate) => ({
    onCall({ operation, object }) {
      if (operation !== 'disk fsync' && operation !== 'disk fdatasync') return
      const inode = world.machine.files.disk.find(object, false)?.inode
      if (inode?.kind === 'file' && inode.hasFailed && inode.pending.length === 0) violate(`${operation} ${object} after one that failed`)
    },
  }),
}
