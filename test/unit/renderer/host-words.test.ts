import { describe, expect, it } from 'vitest';
import { hostWordsOf } from '../../../src/renderer/ui/host-words.ts';

describe('what is said of the host', () => {
  const own = hostWordsOf({ mien: { askForWire: () => undefined, pathOf: () => '' } });
  const browser = hostWordsOf({});

  it('names the browser in a browser alone', () => {
    expect(browser.allowCamera).toContain('address bar of the browser');
    expect(browser.lost).toContain('the address that it printed');
    for (const words of Object.values(own) as string[]) expect(words).not.toMatch(/address|browser/);
  });
});
