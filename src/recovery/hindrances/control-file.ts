import type { Finder } from './ground.ts'
import { unstartable } from './ground.ts'

/** Without a control file nobody knows where recovery begins; it is never made anew. */
export const findControlFile: Finder = async ({ cluster, control, incidentDirectory }) => {
  const place = `${cluster.dataDirectory}/global/pg_control`
  const isUsable = control?.ok === true || (control?.ok === false && control.problem === 'unsupported')
  if (isUsable) return []
  const why = control?.ok === false ? control.why : ''
  const sentence = control === undefined ? 'global/pg_control is missing' : `global/pg_control is damaged: ${why}`
  const kept =
    incidentDirectory === undefined ? '' : ` ${incidentDirectory.slice(0, incidentDirectory.lastIndexOf('/'))}/*/evidence-*/pg_control`
  return [
    unstartable(place, sentence, {
      evidence: [
        'it comes back from a copy that was made at the same shutdown, or with a backup as a whole',
        'pg_resetwal would start the server with committed transactions lost and checksums off: it is never run',
      ],
      commands: [{ shell: `sudo ls -l ${place}${kept}` }],
    }),
  ]
}
