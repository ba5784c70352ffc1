import type { Diagnosis, Found, View } from './diagnosis.ts'
import { quote, rejectedWith, serverIsDown } from './diagnosis.ts'

/** Damaged data that the server named and the disk shows; what a login meets is the server's own word. */
export const damaged: Diagnosis = {
  name: 'damaged',
  examine(view) {
    if (serverIsDown(view)) return { ruledOut: 'the server is down: its start comes first' }
    const atLogin = rejectedWith(view, ['XX001', 'XX002', '58P01'])
    const { damages } = view.facts
    if (atLogin.some((reading) => reading.probe === 'connection' || reading.probe === 'authentication'))
      return atConnect(view, atLogin.map(quote))
    if (damages.length === 0) return { ruledOut: 'no damaged page or file is proved' }
    return repairable(
      view,
      damages.map((damage) => damage.message),
    )
  },
}

/** A page or file that the disk shows to be damaged can be mended; whatever else a login may have met needs a person. */
function atConnect(view: View, said: readonly string[]): Found {
  const { damages } = view.facts
  const evidence = [...said, ...damages.map((damage) => damage.message)]
  const verdict = 'damage is met while logging in, so a system catalog is hurt'
  if (damages.length === 0) return { cause: 'damaged', response: 'person', verdict: `${verdict}: a person has to decide`, evidence }
  return { cause: 'damaged', response: 'recover', plan: 'repair-online', strength: 'proven', attemptsAtMost: 1, verdict, evidence }
}

function repairable(view: View, evidence: readonly string[]): Found {
  return {
    cause: 'damaged',
    response: 'recover',
    plan: 'repair-online',
    strength: 'proven',
    attemptsAtMost: 1,
    verdict: `the server found ${view.facts.damages.length === 1 ? 'a damaged page' : 'damaged pages'}; it is repaired while the server runs`,
    evidence,
  }
}
