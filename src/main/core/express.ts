// The second half of a frame's way: what each member of the ensemble says about each face.
import { readExpressions, type ExpressionOutput } from './ensemble.ts';
import { FACE_SPACING, FedNetwork, type Network } from './networks.ts';
import { Sampler, type Arena, type SampleKernel } from './sample.ts';
import type { Frame } from './frame.ts';
import type { Landmarks68 } from './landmarks.ts';
import type { Probabilities } from './expression.ts';

export interface ExpressionMember {
  readonly id: string;
  readonly network: Network;
  readonly output: ExpressionOutput;
}

export class ExpressionStage {
  readonly #members: readonly ExpressionMember[];
  readonly #onFailure: (member: string, error: unknown) => void;
  #fed: readonly FedNetwork[] = [];

  /** `onFailure` hears of a member that could not answer; its answers are null then. */
  constructor(members: readonly ExpressionMember[], onFailure: (member: string, error: unknown) => void) {
    this.#members = members;
    this.#onFailure = onFailure;
  }

  /** Names the memory to work in; to be called before the first estimate, and again when frames lie elsewhere. */
  attach(kernel: SampleKernel, arena: Arena): void {
    const sampler = new Sampler(kernel, arena, FACE_SPACING);
    this.#fed = this.#members.map(({ network }) => new FedNetwork(network, sampler));
  }

  /** For each face the members' probabilities, in the order of the members. */
  async estimate(frame: Frame, faces: readonly Landmarks68[]): Promise<(Probabilities | null)[][]> {
    const byMember: (readonly (Probabilities | null)[])[] = [];
    for (const [i, { id, output }] of this.#members.entries()) {
      try {
        const read = this.#fed[i].runOnFaces(frame, faces, (outputs) => readExpressions(outputs[output.name], output));
        byMember.push(await read);
      } catch (error) {
        this.#onFailure(id, error);
        byMember.push(faces.map(() => null));
      }
    }
    return faces.map((_, face) => byMember.map((answers) => answers[face]));
  }
}
