import type { Config } from '../config/config.ts'
import { resolveClusters, type ResolvedCluster } from '../config/resolve.ts'
import type { Files } from '../ports/files.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Outsides } from './compose-cluster.ts'
import { settingsOf } from './settings.ts'
import type { Watch } from './watch.ts'
import { type Common, startWatcher, type Watcher } from './watcher.ts'

/** The clusters under watch. */
export interface Fleet {
  watches(): readonly Watch[]
  /** Starts, stops and adjusts watches so that they follow `config`; a watch that is unchanged goes on undisturbed. */
  follow(config: Config): Promise<readonly string[]>
  stop(): Promise<void>
}

export function createFleet(files: Files, outsides: Outsides, common: Common): Fleet {
  const watchers = new Map<string, Watcher>()

  async function retire(name: string): Promise<void> {
    await watchers.get(name)?.stop()
    watchers.delete(name)
  }

  async function follow(config: Config): Promise<readonly string[]> {
    const { clusters, problems } = await resolveClusters(config, files)
    const names = new Set(clusters.map(({ cluster }) => cluster.name))
    const gone = [...watchers.keys()].filter((name) => !names.has(name))
    await Promise.all(gone.map(retire))
    const failures: string[] = []
    for (const resolved of clusters) failures.push(...(await placeOrTell(resolved, config)))
    return [...problems, ...failures]
  }

  /** One cluster that cannot be watched must not cost the others their watch. */
  async function placeOrTell(resolved: ResolvedCluster, config: Config): Promise<readonly string[]> {
    try {
      await place(resolved, config)
      return []
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      return [`${resolved.cluster.name} is not watched: ${error.message}`]
    }
  }

  async function place(resolved: ResolvedCluster, config: Config): Promise<void> {
    const { cluster } = resolved
    const present = watchers.get(cluster.name)
    if (present !== undefined && isSame(present, resolved)) {
      present.watch.settings = settingsOf(config)
      present.watch.alarm.ring()
      return
    }
    await retire(cluster.name)
    const outside = outsides.of(cluster, resolved.config, config.runtimeDirectory)
    watchers.set(cluster.name, await startWatcher(common, outside, cluster, resolved.config, settingsOf(config)))
  }

  return {
    watches: () => [...watchers.values()].map(({ watch }) => watch),
    follow,
    async stop() {
      await Promise.all([...watchers.keys()].map(retire))
      await outsides.close()
    },
  }
}

function isSame(watcher: Watcher, resolved: ResolvedCluster): boolean {
  return JSON.stringify([watcher.watch.cluster, watcher.config]) === JSON.stringify([resolved.cluster, resolved.config])
}
