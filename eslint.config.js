import tseslint from 'typescript-eslint'

// Biome lints and formats; ESLint is here for the one rule that needs types: a promise nobody awaits loses its error.
export default [
  { ignores: ['**/dist/**', '**/*.generated.ts'] },
  {
    files: ['packages/fivefold/src/**/*.ts'],
    languageOptions: { parser: tseslint.parser, parserOptions: { project: './tsconfig.test.json' } },
    plugins: { '@typescript-eslint': tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    rules: { '@typescript-eslint/no-floating-promises': 'error' },
  },
]
