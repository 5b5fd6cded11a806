/** Of choosing a folder of this machine. */
export const FOLDER_WORDS = {
  browse: 'Choose folder …',
  title: 'Choose a folder',
  choose: 'Choose this folder',
  noFolders: 'No folders in this one.',
} as const;
