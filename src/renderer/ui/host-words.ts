// What is said in another way where the window is the program's own than where it is a page in a browser.
import type { Handover } from '../../main/contract/handover.ts';

export interface HostWords {
  /** The program behind the window is gone. */
  readonly lost: string;
  /** What to do when the camera may not be used. */
  readonly allowCamera: string;
}

const GONE = 'The program behind this window is gone. It is being looked for; nothing that was stored is lost.';

const IN_BROWSER: HostWords = {
  lost: `${GONE} If Mien was started again, open the address that it printed.`,
  allowCamera: 'Allow it in the address bar of the browser, and in the privacy settings of the system.',
};

const IN_OWN_WINDOW: HostWords = {
  lost: `${GONE} If it does not come back, close Mien and start it again.`,
  allowCamera: 'Allow Mien to use it in the privacy settings of the system, then choose the camera again.',
};

/** The words for where a page is. */
export const hostWordsOf = ({ mien }: { readonly mien?: Handover }): HostWords => (mien ? IN_OWN_WINDOW : IN_BROWSER);
