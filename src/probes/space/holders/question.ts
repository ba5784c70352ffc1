import type { Cluster } from '../../../core/cluster.ts'
import type { SpaceHolder } from '../../../core/disk/holder.ts'
import type { ControlFile } from '../../../core/facts.ts'
import type { Outside } from '../../../ports/outside.ts'
import type { Questioner } from '../ask.ts'
import type { Sized } from '../database-sizes.ts'
import type { GrowthMemory } from '../growth-memory.ts'
import type { Place } from '../places.ts'

/** A place of the server's with the file system that it lies on. */
export interface HeldPlace extends Place {
  readonly device: number
}

/** What every question about the holders of space works with. */
export interface HolderGround {
  readonly cluster: Cluster
  readonly outside: Outside
  /** Every place that could be looked at. */
  readonly places: readonly HeldPlace[]
  readonly controlFile: ControlFile | undefined
  readonly questioner: Questioner
  /** Databases, the largest first; asked once for all questions. None when the server does not answer. */
  databases(): Promise<readonly Sized[]>
  readonly growth: GrowthMemory
}

/** One kind of thing that may hold space. Looks only; rejects with `OutsideError` for what cannot be looked at. */
export interface HolderQuestion {
  /** The file's name. */
  readonly name: string
  ask(ground: HolderGround, signal: AbortSignal): Promise<readonly SpaceHolder[]>
}

/** The place of that role; `undefined` when it could not be looked at. */
export function placeOf({ places }: HolderGround, role: string): HeldPlace | undefined {
  return places.find((place) => place.role === role)
}
