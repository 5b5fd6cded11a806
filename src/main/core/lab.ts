// Lightness and colour of sRGB pixels (CIELAB, white D65), in the 8-bit form and the whole-number steps of OpenCV: L 0…255 for 0…100,
// a and b shifted by 128. The way there is OpenCV's to the last bit; the way back is not rounded to whole numbers.

const GAMMA_SHIFT = 3;
const COLOR_SHIFT = 12;
const ROOT_SHIFT = COLOR_SHIFT + GAMMA_SHIFT;
const WHITE = [0.950456, 1, 1.088754] as const;

/** Linear red, green and blue to X, Y and Z (ITU-R BT.709 primaries). */
const TO_XYZ = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
] as const;
/** X, Y and Z to linear red, green and blue. */
const FROM_XYZ = [
  [3.240479, -1.53715, -0.498535],
  [-0.969256, 1.875991, 0.041556],
  [0.055648, -0.204043, 1.057311],
] as const;

/** Below this share of white, the cube root is continued by a line (CIE 15: 2004). */
const LINE_BELOW = 216 / 24_389;
const LINE_SLOPE = 841 / 108;
const LINE_START = 16 / 116;

const linearOf = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const encodedOf = (v: number): number => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
const rootOf = (v: number): number => (v < LINE_BELOW ? LINE_SLOPE * v + LINE_START : Math.cbrt(v));
const shareOf = (root: number): number =>
  root > LINE_SLOPE * LINE_BELOW + LINE_START ? root * root * root : (root - LINE_START) / LINE_SLOPE;

/** To the nearest whole number, halves to the even one, as processors do. */
export function roundedToEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}

/** Linear light of each 8-bit value, 0…255 · 2³. */
const LINEAR = Int32Array.from({ length: 256 }, (_, i) => Math.round(255 * 2 ** GAMMA_SHIFT * linearOf(i / 255)));
/** Roots of shares of white, the shares as in LINEAR and up to 1.5, the roots times 2¹⁵, in single precision before they are rounded. */
const ROOTS = Int32Array.from({ length: (256 * 3 * 2 ** GAMMA_SHIFT) / 2 }, (_, i) =>
  roundedToEven(Math.fround(2 ** ROOT_SHIFT * rootOf(i / (255 * 2 ** GAMMA_SHIFT)))),
);
const WEIGHTS = TO_XYZ.map((row, i) => row.map((weight) => Math.round((2 ** COLOR_SHIFT * weight) / WHITE[i])));
const L_SCALE = Math.floor((116 * 255 + 50) / 100);
const L_SHIFT = -Math.floor((16 * 255 * 2 ** ROOT_SHIFT + 50) / 100);

const descaled = (value: number, shift: number): number => (value + 2 ** (shift - 1)) >> shift;
const toByte = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);

function rootAt(row: readonly number[], r: number, g: number, b: number): number {
  return ROOTS[descaled(LINEAR[r] * row[0] + LINEAR[g] * row[1] + LINEAR[b] * row[2], COLOR_SHIFT)];
}

/** Writes L, a and b of a pixel of whole numbers 0…255 to `lab`. */
export function writeLab(r: number, g: number, b: number, lab: Uint8Array): void {
  const x = rootAt(WEIGHTS[0], r, g, b);
  const y = rootAt(WEIGHTS[1], r, g, b);
  const z = rootAt(WEIGHTS[2], r, g, b);
  const middle = 128 * 2 ** ROOT_SHIFT;
  lab[0] = toByte(descaled(L_SCALE * y + L_SHIFT, ROOT_SHIFT));
  lab[1] = toByte(descaled(500 * (x - y) + middle, ROOT_SHIFT));
  lab[2] = toByte(descaled(200 * (y - z) + middle, ROOT_SHIFT));
}

/** sRGB of linear light in steps of 1 / 4096, 0…255: between them a line is as good. */
const STEPS = 4096;
const ENCODED = Float64Array.from({ length: STEPS + 2 }, (_, i) => 255 * encodedOf(Math.min(1, i / STEPS)));

function encoded(linear: number): number {
  const at = STEPS * Math.min(1, Math.max(0, linear));
  const step = Math.floor(at);
  return ENCODED[step] + (at - step) * (ENCODED[step + 1] - ENCODED[step]);
}

/** Writes red, green and blue, 0…255 and not whole, of L, a and b (each 0…255) to `rgb`. */
export function writeRgb(l: number, a: number, b: number, rgb: Float64Array): void {
  const root = ((l * 100) / 255 + 16) / 116;
  const x = WHITE[0] * shareOf(root + (a - 128) / 500);
  const y = shareOf(root);
  const z = WHITE[2] * shareOf(root - (b - 128) / 200);
  for (let c = 0; c < 3; c++) rgb[c] = encoded(FROM_XYZ[c][0] * x + FROM_XYZ[c][1] * y + FROM_XYZ[c][2] * z);
}
