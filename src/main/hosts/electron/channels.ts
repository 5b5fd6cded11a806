// Names of what Electron's processes say to each other.

/** The window asks for a wire by a number, and gets that number with a port. */
export const WIRE = 'wire';
