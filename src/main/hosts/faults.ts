/** Who hears of faults that nobody else is told of: with --verbose standard error, otherwise nobody. */
export function faultLog(isVerbose: boolean): (error: unknown) => void {
  return (error) => {
    if (!isVerbose) return;
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  };
}
