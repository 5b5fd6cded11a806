// The second half of a frame's way: what each member of the ensemble says about each face.
import { pictureOf, type FaceInput } from './face-input.ts';
import { readExpressions, type ExpressionOutput } from './ensemble.ts';
import { FACE_SPACING, FedNetwork, MAX_BATCH, type Lighting, type Network, type Outputs } from './networks.ts';
import { Sampler, type Arena, type SampleKernel } from './sample.ts';
import type { Frame } from './frame.ts';
import type { Landmarks68 } from './landmarks.ts';
import type { Probabilities } from './expression.ts';

export interface ExpressionMember {
  readonly id: string;
  /** Members with the same network are outputs of one graph: it runs once for all of them. */
  readonly network: Network;
  readonly output: ExpressionOutput;
}

export class ExpressionStage {
  readonly #members: readonly ExpressionMember[];
  readonly #networks: readonly Network[];
  readonly #onFailure: (member: string, error: unknown) => void;
  readonly #lighting: Lighting;
  /** Each network with the memory that it is fed from. */
  #fed = new Map<Network, FedNetwork>();

  /** `onFailure` hears of a member that could not answer; its answers are null then. `lighting` is the profile's. */
  constructor(
    members: readonly ExpressionMember[],
    onFailure: (member: string, error: unknown) => void,
    lighting: Lighting = null,
  ) {
    this.#members = members;
    this.#networks = [...new Set(members.map(({ network }) => network))];
    this.#onFailure = onFailure;
    this.#lighting = lighting;
  }

  /** Names the memory to work in; to be called before the first estimate, and again when frames lie elsewhere. */
  attach(kernel: SampleKernel, arena: Arena): void {
    const sampler = new Sampler(kernel, arena, FACE_SPACING);
    const fed = (network: Network): FedNetwork => new FedNetwork(network, sampler, MAX_BATCH, this.#lighting);
    this.#fed = new Map(this.#networks.map((network) => [network, fed(network)]));
  }

  /** For each face the members' probabilities, in the order of the members. */
  async estimate(frame: Frame, faces: readonly Landmarks68[]): Promise<(Probabilities | null)[][]> {
    const byMember = await this.#ask((network, read) => network.runOnFaces(frame, faces, read), faces.length);
    return faces.map((_, face) => byMember.map((answers) => answers[face]));
  }

  /** What each member is given of a face by {@link estimate}, in the order of the members. */
  inputs(frame: Frame, face: Landmarks68): FaceInput[] {
    return this.#members.map(({ id, network }) =>
      pictureOf(id, this.#fedOf(network).cutFace(frame, face), network.input),
    );
  }

  /** The members' probabilities for a picture that is a face from edge to edge, or for its mirror image. */
  async estimateCrop(frame: Frame, isMirrored: boolean): Promise<(Probabilities | null)[]> {
    const byMember = await this.#ask((network, read) => {
      const { width, height } = network.network.input;
      const [a, e] = [frame.width / width, frame.height / height];
      const map = { a: isMirrored ? -a : a, b: 0, c: isMirrored ? frame.width : 0, d: 0, e, f: 0 };
      return network.run(frame, [map], 'edge', read);
    }, 1);
    return byMember.map(([answer]) => answer);
  }

  /** For each member its answers to `count` faces. */
  async #ask(
    run: (network: FedNetwork, read: (outputs: Outputs) => Probabilities[]) => Promise<Probabilities[][]>,
    count: number,
  ): Promise<(Probabilities | null)[][]> {
    const byMember = new Map<ExpressionMember, (Probabilities | null)[]>();
    for (const network of this.#networks) {
      const own = this.#members.filter((member) => member.network === network);
      try {
        const answers = await run(this.#fedOf(network), (outputs) =>
          own.map(({ output }) => readExpressions(outputs[output.name], output)),
        );
        own.forEach((member, i) =>
          byMember.set(
            member,
            answers.map((answer) => answer[i]),
          ),
        );
      } catch (error) {
        for (const { id } of own) this.#onFailure(id, error);
      }
    }
    return this.#members.map((member) => byMember.get(member) ?? new Array<null>(count).fill(null));
  }

  #fedOf(network: Network): FedNetwork {
    const fed = this.#fed.get(network);
    if (!fed) throw new Error('attach comes first');
    return fed;
  }
}
