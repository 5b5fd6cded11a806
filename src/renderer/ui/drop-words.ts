import { counted } from './format.ts';

/** Of files that are dropped on the window, or chosen in the dialog of the system. */
export const DROP_WORDS = {
  title: 'Add files',
  help: 'Drop videos, pictures or folders anywhere on this page, or choose them here.',
  copied:
    'A browser does not say where they lie, so a copy goes into the data folder. It is removed when it is analysed.',
  chooseFiles: 'Choose files …',
  chooseFolder: 'Choose folder …',
  here: 'Drop videos, pictures or folders here',
  ask: 'Analyse these files?',
  files: (files: number): string => counted(files, 'file'),
  things: (things: number): string => `${counted(things, 'file')} or ${things === 1 ? 'folder' : 'folders'}`,
  most: 10,
  more: (files: number): string => `and ${files} more`,
  unusable: 'These stay out:',
  nothing: 'There is no video and no picture among what you have dropped.',
  sending: (name: string): string => `Copying ${name} …`,
  progress: (sent: string, total: string): string => `${sent} of ${total}`,
  added: (inputs: number): string => `${counted(inputs, 'session')} to come: the queue shows how far they are.`,
  addedNothing: 'Nothing was put into the queue.',
} as const;
