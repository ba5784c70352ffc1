import { defineConfig } from 'eslint/config'
import typescript from 'typescript-eslint'

/** Time, chance and the environment come in through the ports. */
const OUTSIDE_GLOBALS = ['setTimeout', 'setInterval', 'setImmediate', 'fetch', 'performance', 'console'].map((name) => ({
  name,
  message: 'Goes through a port.',
}))

const OUTSIDE_PROPERTIES = [
  { object: 'Date', property: 'now', message: 'Time comes from the Clock port.' },
  { object: 'Math', property: 'random', message: 'Chance comes from the Random port.' },
  { object: 'process', property: 'env', message: 'The environment is read at the edge and passed in.' },
  { object: 'process', property: 'hrtime', message: 'Time comes from the Clock port.' },
]

const OUTSIDE_MODULES = {
  patterns: [
    {
      regex: '^(node:)?(fs|fs/promises|child_process|net|tls|http|https|dgram|timers|timers/promises|os|worker_threads)$',
      message: 'Only adapters touch the outside world; others use a port.',
    },
    { regex: '^(node:)?crypto$', importNamePattern: '^random', message: 'Chance comes from the Random port.' },
  ],
}

const CURRENT_TIME = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'Time comes from the Clock port.',
}

const NO_ENUM_OR_NAMESPACE = [
  { selector: 'TSEnumDeclaration', message: 'Node strips types only: use a union of literals.' },
  { selector: 'TSModuleDeclaration[kind!="global"]', message: 'Node strips types only: use a module.' },
  { selector: 'ExportDefaultDeclaration', message: 'Exports have names.' },
]

const typed = {
  files: ['**/*.ts'],
  extends: [typescript.configs.strictTypeChecked],
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  linterOptions: { reportUnusedDisableDirectives: 'error' },
  rules: {
    '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    '@typescript-eslint/explicit-module-boundary-types': 'error',
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    '@typescript-eslint/no-confusing-void-expression': 'off',
    '@typescript-eslint/no-invalid-void-type': 'off',
    '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    '@typescript-eslint/require-await': 'off',
    // Slow, and about what this code does not have.
    '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    '@typescript-eslint/no-unsafe-enum-assignment': 'off',
    '@typescript-eslint/unbound-method': 'off',
    '@typescript-eslint/no-meaningless-void-operator': 'off',
    '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    '@typescript-eslint/naming-convention': [
      'error',
      { selector: 'typeLike', format: ['PascalCase'] },
      { selector: 'function', format: ['camelCase'] },
      { selector: 'variable', modifiers: ['const', 'global'], format: ['camelCase', 'UPPER_CASE'] },
      { selector: 'variable', format: ['camelCase'] },
      { selector: 'parameter', format: ['camelCase'], leadingUnderscore: 'allow' },
    ],
    'no-restricted-syntax': ['error', ...NO_ENUM_OR_NAMESPACE],
    'no-console': 'error',
    eqeqeq: 'error',
    'no-fallthrough': 'error',
    'no-self-compare': 'error',
    'no-unsafe-finally': 'error',
    'no-cond-assign': 'error',
    'no-constant-condition': ['error', { checkLoops: 'allExceptWhileTrue' }],
    'no-duplicate-case': 'error',
    'no-loss-of-precision': 'error',
    'no-sparse-arrays': 'error',
    'use-isnan': 'error',
    'valid-typeof': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  },
}

/** Everything that must reach the outside world through ports alone. */
const inside = {
  files: ['src/**/*.ts'],
  ignores: ['src/adapters/**', 'src/cli/**', 'src/daemon/run.ts', 'src/main.ts'],
  rules: {
    'no-restricted-globals': ['error', ...OUTSIDE_GLOBALS],
    'no-restricted-properties': ['error', ...OUTSIDE_PROPERTIES],
    'no-restricted-imports': ['error', OUTSIDE_MODULES],
    'no-restricted-syntax': ['error', ...NO_ENUM_OR_NAMESPACE, CURRENT_TIME],
  },
}

/** tap's tests are promises that tap itself awaits, and a fake's unused members are empty. */
const testing = {
  files: ['test/**/*.ts', 'scripts/**/*.ts'],
  rules: {
    '@typescript-eslint/no-floating-promises': [
      'error',
      {
        allowForKnownSafeCalls: [{ from: 'package', name: ['test', 'resolves', 'rejects', 'resolveMatch'], package: '@tapjs/test' }],
        ignoreVoid: true,
      },
    ],
    '@typescript-eslint/no-empty-function': 'off',
    '@typescript-eslint/no-misused-spread': 'off',
    '@typescript-eslint/no-non-null-assertion': 'off',
    '@typescript-eslint/explicit-module-boundary-types': 'off',
    'max-lines-per-function': 'off',
    'no-console': 'off',
  },
}

/** Declarations for packages that have none say what is there, in whatever way it is exported. */
const declarations = { files: ['**/*.d.ts'], rules: { 'no-restricted-syntax': 'off' } }

export default defineConfig(
  { ignores: ['node_modules/', 'dist/', '.tap/', 'coverage/', '**/*.cjs', 'eslint.config.js'] },
  typed,
  inside,
  testing,
  declarations,
)
