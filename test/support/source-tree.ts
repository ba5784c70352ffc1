import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

/** One file of src, parsed. */
export interface SourceFile {
  /** `src/core/decide.ts` */
  readonly path: string
  /** `core`; empty for a file directly in src. */
  readonly folder: string
  readonly lines: number
  /** Files of src that it imports, types included. */
  readonly imports: readonly { readonly path: string; readonly dynamic: boolean }[]
  readonly functions: readonly { readonly name: string; readonly lines: number }[]
}

/** Every TypeScript file of src, in alphabetical order. */
export function readSourceTree(): readonly SourceFile[] {
  return globSync('src/**/*.ts')
    .sort()
    .filter((path) => !path.endsWith('.d.ts'))
    .map(readSourceFile)
}

function readSourceFile(path: string): SourceFile {
  const text = readFileSync(path, 'utf8')
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const imports: { path: string; dynamic: boolean }[] = []
  const functions: { name: string; lines: number }[] = []
  const visit = (node: ts.Node): void => {
    const target = importedPath(node)
    if (target?.startsWith('.') === true)
      imports.push({ path: relative('.', join(dirname(path), target)), dynamic: ts.isCallExpression(node) })
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined)
      functions.push({ name: nameOf(node, tree), lines: countLines(node, tree) })
    ts.forEachChild(node, visit)
  }
  visit(tree)
  const [, folder = '', rest] = path.split('/')
  return { path, folder: rest === undefined ? '' : folder, lines: text.split('\n').length - 1, imports, functions }
}

function importedPath(node: ts.Node): string | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined)
    return textOf(node.moduleSpecifier)
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return textOf(node.arguments[0])
  return undefined
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteral(node) ? node.text : undefined
}

function nameOf(node: ts.SignatureDeclaration, tree: ts.SourceFile): string {
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent.name : undefined)
  return named?.getText(tree) ?? `line ${String(tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1)}`
}

function countLines(node: ts.Node, tree: ts.SourceFile): number {
  const line = (position: number): number => tree.getLineAndCharacterOfPosition(position).line
  return line(node.getEnd()) - line(node.getStart(tree)) + 1
}
