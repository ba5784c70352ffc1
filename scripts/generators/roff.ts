/** roff reads a leading dot or quote as a request, a backslash as an escape, and a plain hyphen as a typographic one. */
export function text(plain: string): string {
  return plain
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/^([.'])/gm, '\\&$1')
}

/** One argument of a request, whatever blanks and quotes are in it. */
export function quoted(plain: string): string {
  return `"${text(plain).replace(/"/g, '\\(dq')}"`
}

/** A section of the page; nothing when its body is empty. */
export function section(title: string, body: readonly string[]): readonly string[] {
  return body.length === 0 ? [] : [`.SH ${title}`, ...body]
}

/** A term with its explanation, indented. */
export function item(term: string, explanation: string): readonly string[] {
  return ['.TP', `.B ${quoted(term)}`, text(explanation)]
}

/** Each text as a paragraph of its own. */
export function paragraphs(texts: readonly string[]): readonly string[] {
  return texts.flatMap((each) => ['.PP', text(each)])
}

/** With a capital letter and a full stop. */
export function sentence(plain: string): string {
  return `${plain.slice(0, 1).toUpperCase()}${plain.slice(1)}.`
}

/** Terms with explanations that become sentences. */
export function items(pairs: readonly (readonly [string, string])[]): readonly string[] {
  return pairs.flatMap(([term, explanation]) => item(term, sentence(explanation)))
}
