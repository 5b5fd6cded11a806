// Things that a synthetic depth camera can look at. Lengths in mm; axes right, down and away from the camera.

/** Points are origin + t × direction, t > 0. */
export interface Ray {
  ox: number;
  oy: number;
  oz: number;
  dx: number;
  dy: number;
  dz: number;
}

export interface Solid {
  /** What it is made of: hair swallows light, and edges of a head are seen at a grazing angle. */
  readonly material: 'skin' | 'hair' | 'cloth' | 'paper';
  /** The smallest t at which the ray meets it; Infinity where it misses. */
  hit(ray: Ray): number;
}

export type Vector = readonly [number, number, number];

/** Rows are the axes of a turned thing, as the camera sees them. */
type Rotation = readonly [Vector, Vector, Vector];

/** Roll about the line of sight, then pitch, then yaw; angles in degrees. */
export function rotation(yawDeg: number, pitchDeg: number, rollDeg: number): Rotation {
  const [y, p, r] = [yawDeg, pitchDeg, rollDeg].map((degrees) => (degrees * Math.PI) / 180);
  const turn = ([a, b, c]: Vector): Vector => {
    const [a1, b1] = [a * Math.cos(r) - b * Math.sin(r), a * Math.sin(r) + b * Math.cos(r)];
    const [b2, c2] = [b1 * Math.cos(p) - c * Math.sin(p), b1 * Math.sin(p) + c * Math.cos(p)];
    return [a1 * Math.cos(y) + c2 * Math.sin(y), b2, c2 * Math.cos(y) - a1 * Math.sin(y)];
  };
  return [turn([1, 0, 0]), turn([0, 1, 0]), turn([0, 0, 1])];
}

/** The ray as a thing sees it (written out: this is where a study spends its time) that stands at `center` with `axes`. */
function seenFrom(ray: Ray, center: Vector, axes: Rotation, into: Ray): void {
  const x = ray.ox - center[0];
  const y = ray.oy - center[1];
  const z = ray.oz - center[2];
  const across = axes[0];
  const down = axes[1];
  const away = axes[2];
  into.ox = across[0] * x + across[1] * y + across[2] * z;
  into.oy = down[0] * x + down[1] * y + down[2] * z;
  into.oz = away[0] * x + away[1] * y + away[2] * z;
  into.dx = across[0] * ray.dx + across[1] * ray.dy + across[2] * ray.dz;
  into.dy = down[0] * ray.dx + down[1] * ray.dy + down[2] * ray.dz;
  into.dz = away[0] * ray.dx + away[1] * ray.dy + away[2] * ray.dz;
}

/** Less than this is the surface that a ray starts from. */
const EPSILON = 1e-6;

/**
 * An ellipsoid. `relief` raises its surface towards the camera by some mm, at points given in its own axes (mm from the middle; the
 * side that a face has is at negative z); what makes a nose of it.
 */
export class Ellipsoid implements Solid {
  readonly material: Solid['material'];
  readonly #center: Vector;
  readonly #axes: Rotation;
  readonly #radii: Vector;
  readonly #relief: ((x: number, y: number, z: number) => number) | null;
  readonly #own: Ray = { ox: 0, oy: 0, oz: 0, dx: 0, dy: 0, dz: 0 };

  constructor(
    material: Solid['material'],
    center: Vector,
    radii: Vector,
    axes = rotation(0, 0, 0),
    relief: ((x: number, y: number, z: number) => number) | null = null,
  ) {
    this.material = material;
    this.#center = center;
    this.#radii = radii;
    this.#axes = axes;
    this.#relief = relief;
  }

  hit(ray: Ray): number {
    const own = this.#own;
    seenFrom(ray, this.#center, this.#axes, own);
    const radii = this.#radii;
    const ox = own.ox / radii[0];
    const oy = own.oy / radii[1];
    const oz = own.oz / radii[2];
    const dx = own.dx / radii[0];
    const dy = own.dy / radii[1];
    const dz = own.dz / radii[2];
    const square = dx * dx + dy * dy + dz * dz;
    const half = ox * dx + oy * dy + oz * dz;
    const rest = half * half - square * (ox * ox + oy * oy + oz * oz - 1);
    if (rest < 0) return Infinity;
    const t = (-half - Math.sqrt(rest)) / square;
    if (t < EPSILON) return Infinity;
    if (!this.#relief) return t;
    const height = this.#relief(own.ox + t * own.dx, own.oy + t * own.dy, own.oz + t * own.dz);
    return t - height / Math.hypot(ray.dx, ray.dy, ray.dz);
  }
}

/** A sheet of `width` × `height`, bent about its own y axis to a radius (Infinity: flat), towards the camera where it is > 0. */
export class Sheet implements Solid {
  readonly material = 'paper';
  readonly #center: Vector;
  readonly #axes: Rotation;
  readonly #size: { readonly width: number; readonly height: number };
  readonly #radius: number;
  readonly #own: Ray = { ox: 0, oy: 0, oz: 0, dx: 0, dy: 0, dz: 0 };

  constructor(
    center: Vector,
    size: { readonly width: number; readonly height: number },
    axes: Rotation,
    radius = Infinity,
  ) {
    this.#center = center;
    this.#size = size;
    this.#axes = axes;
    this.#radius = radius;
  }

  hit(ray: Ray): number {
    seenFrom(ray, this.#center, this.#axes, this.#own);
    if (!Number.isFinite(this.#radius)) {
      const t = -this.#own.oz / this.#own.dz;
      return this.#isOn(t, this.#own.ox + t * this.#own.dx) ? t : Infinity;
    }
    // The axis of the cylinder lies behind a sheet that bulges towards the camera, and before a hollow one.
    const { ox, oz, dx, dz } = this.#own;
    const z = oz - this.#radius;
    const square = dx * dx + dz * dz;
    const half = ox * dx + z * dz;
    const rest = half * half - square * (ox * ox + z * z - this.#radius ** 2);
    if (rest < 0) return Infinity;
    // A line meets the cylinder twice; the sheet is the half that lies towards its own middle.
    const t = (-half - Math.sign(this.#radius) * Math.sign(dz) * Math.sqrt(rest)) / square;
    const along = Math.abs(this.#radius) * Math.asin(Math.max(-1, Math.min(1, (ox + t * dx) / this.#radius)));
    return this.#isOn(t, along) ? t : Infinity;
  }

  #isOn(t: number, along: number): boolean {
    if (!(t > EPSILON)) return false;
    const { width, height } = this.#size;
    return Math.abs(along) <= width / 2 && Math.abs(this.#own.oy + t * this.#own.dy) <= height / 2;
  }
}
