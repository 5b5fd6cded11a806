import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript-eslint';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export default defineConfig(
  // AssemblyScript is checked by its own compiler.
  { ignores: ['node_modules/**', 'src/kernel/**', 'coverage/**', '**/*.mjs', '**/*.cjs'] },
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  ts.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['electron.config.ts'] }, tsconfigRootDir: ROOT },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    rules: {
      // Numbers in sentences need no String().
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // "event => void call()" says what it does.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Typed arrays and bit tricks read better with the index loop.
      '@typescript-eslint/prefer-for-of': 'off',
      // Without noUncheckedIndexedAccess the checker takes "may be missing" for "never missing".
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unsafe-type-assertion': 'off',
      eqeqeq: 'error',
      'no-console': 'off',
    },
  },
);
