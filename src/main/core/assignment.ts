// The assignment problem: which detection belongs to which track, so that the total gain is the greatest.

/**
 * Pairs rows with columns so that the sum of `gain[row][column]` over the pairs is the greatest; each row and column is used at
 * most once. Pairs that gain less than `minGain` are left out. Exact, by the Hungarian method in O(n³).
 */
export function assign(gain: readonly (readonly number[])[], minGain: number): readonly (readonly [number, number])[] {
  const rows = gain.length;
  const columns = rows > 0 ? gain[0].length : 0;
  const size = Math.max(rows, columns);
  if (rows === 0 || columns === 0) return [];
  // Not to be paired gains nothing, so a square matrix padded with zeros has the same solution.
  const cost = (row: number, column: number): number => {
    if (row >= rows || column >= columns) return 0;
    return gain[row][column] >= minGain ? -gain[row][column] : 0;
  };
  // Potentials of rows and columns; column 0 is a helper, so both are counted from 1.
  const u = new Float64Array(size + 1);
  const v = new Float64Array(size + 1);
  const rowOf = new Int32Array(size + 1);
  for (let row = 1; row <= size; row++) {
    const reduced = new Float64Array(size + 1).fill(Infinity);
    const visited = new Uint8Array(size + 1);
    const before = new Int32Array(size + 1);
    rowOf[0] = row;
    let column = 0;
    do {
      visited[column] = 1;
      const current = rowOf[column];
      let [delta, next] = [Infinity, 0];
      for (let c = 1; c <= size; c++) {
        if (visited[c]) continue;
        const value = cost(current - 1, c - 1) - u[current] - v[c];
        if (value < reduced[c]) {
          reduced[c] = value;
          before[c] = column;
        }
        if (reduced[c] < delta) {
          delta = reduced[c];
          next = c;
        }
      }
      for (let c = 0; c <= size; c++) {
        if (visited[c]) {
          u[rowOf[c]] += delta;
          v[c] -= delta;
        } else {
          reduced[c] -= delta;
        }
      }
      column = next;
    } while (rowOf[column] !== 0);
    for (; column !== 0; column = before[column]) rowOf[column] = rowOf[before[column]];
  }
  const pairs: (readonly [number, number])[] = [];
  for (let c = 1; c <= columns; c++) {
    const row = rowOf[c] - 1;
    if (row < rows && gain[row][c - 1] >= minGain) pairs.push([row, c - 1]);
  }
  return pairs.sort((p, q) => p[0] - q[0]);
}
