// Compiles the sampling kernel (AssemblyScript) to WebAssembly.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

const { status } = spawnSync(
  process.execPath,
  [
    path('node_modules/assemblyscript/bin/asc.js'),
    path('src/kernel/sample.ts'),
    ...['--outFile', path('src/kernel/sample.wasm')],
    ...['--runtime', 'stub', '--use', 'abort=', '--noAssert', '-O3'],
    ...['--disableWarning', '112'], // vectors go between our own files only, not out of the module
    ...['--enable', 'simd', '--enable', 'relaxed-simd', '--enable', 'threads'],
    ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
