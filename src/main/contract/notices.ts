// What is shipped with the program and was made by others, as the build lists it for the window.
import { z } from 'zod';

/** Name of the list beside the page of the window. */
export const NOTICES_FILE = 'notices.json';

export const notices = z.array(
  z.strictObject({
    /** The package, or the network. */
    name: z.string().min(1),
    /** Empty for a network. */
    version: z.string(),
    /** As its maker states it: an SPDX expression, or a few words. */
    licence: z.string().min(1),
    /** The text of the licence, where one comes with the package. */
    text: z.string().nullable(),
  }),
);
export type Notice = z.infer<typeof notices>[number];
