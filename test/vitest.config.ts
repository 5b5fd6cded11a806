import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const WINDOWS = 'test/e2e/**/*.test.ts';

export default defineConfig({
  root: fileURLToPath(new URL('../', import.meta.url)),
  test: {
    // Windows record at the camera's rate, which tests beside them would slow down: they are alone, behind all others.
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [WINDOWS],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'windows', include: [WINDOWS], maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
    globalSetup: ['test/fixtures/announce.ts'],
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      include: ['src/main/**/*.ts'],
      reporter: ['text-summary'],
      reportsDirectory: 'coverage',
    },
  },
});
