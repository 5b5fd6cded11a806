// Files that are dropped on the window of Electron, where it knows where they lie: its built code on a stand-in.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { ElectronProgram } from '../fixtures/electron/program.ts';

describe.skipIf(!CHROMIUM)('files dropped on the window of Electron', () => {
  const place = new Workplace();
  afterAll(() => place.remove());

  it('are analysed where they lie, folders in folders too; nothing is copied', async () => {
    mkdirSync(place.at('set', 'inner'), { recursive: true });
    writeFileSync(place.at('set', 'inner', 'inside.mp4'), 'no film');
    writeFileSync(place.at('alone.mp4'), 'no film');
    writeFileSync(place.at('notes.txt'), 'no film');
    const program = await ElectronProgram.start(place.data);
    const page = await program.page();
    await page.getByRole('link', { name: 'Analyse files' }).first().click();
    await page.getByRole('button', { name: 'Choose files …' }).waitFor();
    const names = ['set', 'alone.mp4', 'notes.txt'];
    const paths = Object.fromEntries(names.map((name) => [name, place.at(name)]));
    await page.evaluate((told) => {
      document.documentElement.dataset.standInPaths = JSON.stringify(told);
      const transfer = new DataTransfer();
      for (const name of Object.keys(told)) transfer.items.add(new File([''], name));
      const options = { bubbles: true, cancelable: true, dataTransfer: transfer };
      document.querySelector('h1')?.dispatchEvent(new DragEvent('drop', options));
    }, paths);
    const dialog = page.getByRole('dialog', { name: 'Analyse these files?' });
    await dialog.getByLabel(/Everybody who is seen/).check();
    await dialog.getByRole('button', { name: 'Analyse' }).click();
    await page.getByText('2 sessions to come').waitFor();
    await page.getByText('notes.txt is no video and no picture that Mien can read.').waitFor();
    for (const name of ['inside', 'alone'])
      await page
        .getByRole('article', { name })
        .getByText(/^failed/)
        .waitFor({ timeout: 60_000 });
    expect(existsSync(place.at('data', 'incoming'))).toBe(false);
    await program.stop();
    expect(program.stderr).toBe('');
  });
});
