import { megabytes } from '../disk/room.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'

/** The copy itself, and its like in WAL. */
const COPIES = 2

/** Why a copy of so many bytes cannot be written beside a relation's file; `undefined` when there is room. */
export async function whyNoRoom(context: StepContext, { path }: Relation, bytes: number): Promise<string | undefined> {
  const directory = `${context.cluster.dataDirectory}/${path.replace(/\/[^/]*$/, '')}`
  const { availableBytes } = await context.outside.files.volume(directory)
  const neededBytes = COPIES * bytes
  return availableBytes > neededBytes ? undefined : `it needs ${megabytes(neededBytes)} and ${megabytes(availableBytes)} are free`
}
