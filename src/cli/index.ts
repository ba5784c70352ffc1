import type { CommandEntry } from './command.ts'

/** Every command, in the order of `pgwatchd help`. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'run', load: () => import('./commands/run.ts') },
  { name: 'status', load: () => import('./commands/status.ts') },
  { name: 'probe', load: () => import('./commands/probe.ts') },
  { name: 'health', load: () => import('./commands/health.ts') },
  { name: 'incidents', load: () => import('./commands/incidents.ts') },
  { name: 'why', load: () => import('./commands/why.ts') },
  { name: 'recover', load: () => import('./commands/recover.ts') },
  { name: 'undo', load: () => import('./commands/undo.ts') },
  { name: 'pause', load: () => import('./commands/pause.ts') },
  { name: 'resume', load: () => import('./commands/resume.ts') },
  { name: 'backup create', load: () => import('./commands/backup/create.ts') },
  { name: 'backup list', load: () => import('./commands/backup/list.ts') },
  { name: 'backup show', load: () => import('./commands/backup/show.ts') },
  { name: 'backup verify', load: () => import('./commands/backup/verify.ts') },
  { name: 'backup drill', load: () => import('./commands/backup/drill.ts') },
  { name: 'backup prune', load: () => import('./commands/backup/prune.ts') },
  { name: 'backup restore', load: () => import('./commands/backup/restore.ts') },
  { name: 'backup drop-old', load: () => import('./commands/backup/drop-old.ts') },
  { name: 'check-config', load: () => import('./commands/check-config.ts') },
  { name: 'setup-database', load: () => import('./commands/setup-database.ts') },
  { name: 'test-alert', load: () => import('./commands/test-alert.ts') },
  { name: 'completion', load: () => import('./commands/completion.ts') },
  { name: 'version', load: () => import('./commands/version.ts') },
  { name: 'help', load: () => import('./commands/help.ts') },
]
