import type { Damage } from '../../core/facts.ts'
import type { Relation } from './find-relation.ts'
import type { RelationFile } from './relation-file.ts'
import type { BadPage } from './scan-pages.ts'

/** What the remedies of damage act on: one fork of one relation. */
export interface DamagedRelation {
  readonly file: RelationFile
  /** What the catalog says of it; `undefined` where the catalog could not be asked. */
  readonly relation: Relation | undefined
  /** Why `relation` is not known; empty where it is. */
  readonly unknownWhy: string
  /** What was named: by the server, its log, or `pg_checksums`. */
  readonly damages: readonly Damage[]
  /** The fork's pages that are damaged on disk, with their bytes: those that were named, and all of them after `keep-page-images`. */
  readonly pages: readonly BadPage[]
}

/** One whose relation is known. */
export type KnownRelation = DamagedRelation & { readonly relation: Relation }

const MAPS = ['fsm', 'vm']
/** Ordinary tables, TOAST tables, materialized views: what keeps rows in pages. */
const HEAPS = ['r', 't', 'm']

/** "public.t in app", "the vm of public.t in app", or the file where nothing is known of it. */
export function nameOf({ file, relation }: Pick<DamagedRelation, 'file' | 'relation'>): string {
  const fork = file.fork === 'main' ? '' : `the ${file.fork} of `
  return relation === undefined ? `${fork}${file.path}` : `${fork}${relation.name} in ${relation.database}`
}

/** Path of the fork below the data directory, as the catalog has it now where it is known. */
export function forkPathOf({ file, relation }: DamagedRelation): string {
  return `${relation?.path ?? file.path}${file.fork === 'main' ? '' : `_${file.fork}`}`
}

/** A free-space or visibility map, whatever its table. */
export function isMap({ file }: DamagedRelation): boolean {
  return MAPS.includes(file.fork)
}

export function isIndex(subject: DamagedRelation): subject is KnownRelation {
  return subject.relation?.kind === 'i' && subject.file.fork === 'main'
}

/** What keeps rows, system catalogs included. */
export function isHeap(subject: DamagedRelation): subject is KnownRelation {
  return subject.file.fork === 'main' && HEAPS.includes(subject.relation?.kind ?? '')
}

/** What keeps rows and is no system catalog. */
export function isUserHeap(subject: DamagedRelation): subject is KnownRelation {
  return isHeap(subject) && !subject.relation.isCatalog
}

/** Long values are lost, and no page is known to be damaged: nothing can be mended page by page. */
export function losesOnlyValues({ pages, damages }: DamagedRelation): boolean {
  return pages.length === 0 && damages.some(({ kind }) => kind === 'lost-value')
}

/** A file of it is not there, or ends in the middle of a page that should be: no page can be mended. */
export function lacksFile({ damages }: DamagedRelation): boolean {
  return damages.some(({ kind }) => kind === 'missing-file' || kind === 'short-file')
}
