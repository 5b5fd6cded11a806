// Worker thread: runs the members of the ensemble on the faces of the frames that the vision thread hands on.
import { MienError } from '../contract/errors.ts';
import type { ManifestModel } from '../contract/manifest.ts';
import { ExpressionStage, type ExpressionMember } from '../core/express.ts';
import type { Network } from '../core/networks.ts';
import { OrtModel } from './ort-model.ts';
import { landmarksOf, packAnswers } from './packing.ts';
import { serve, type Stage } from './serve.ts';
import type { FrameAnswer } from './protocol.ts';

function misfit(id: string): MienError {
  return new MienError('usage', `The model ${id} gives no expressions.`, 'Take it out of the members of the profile.');
}

/** Models of one file that are given the same picture differ in the output that is read of it. */
const graphOf = ({ file, input, crop, outputs }: ManifestModel): string => JSON.stringify([file, input, crop, outputs]);

serve(async ({ models, options }, noted): Promise<Stage> => {
  const networks: OrtModel[] = [];
  const members: ExpressionMember[] = [];
  const loaded = new Map<string, Network>();
  for (const { id, entry, bytes } of models) {
    if (!entry.expression) throw misfit(id);
    const graph = graphOf(entry);
    let network = loaded.get(graph);
    if (!network) {
      const model = await OrtModel.create(id, entry, bytes);
      networks.push(model);
      network = noted(id, model);
      loaded.set(graph, network);
    }
    members.push({ id, network, output: entry.expression });
  }
  let problems: string[] = [];
  const onFailure = (member: string): void => void problems.push(`The model ${member} failed on some faces.`);
  const stage = new ExpressionStage(members, onFailure, options.profile.lighting ?? null);
  return {
    attach: (kernel, arena) => stage.attach(kernel, arena),
    async answer(request, _id, frameOf): Promise<FrameAnswer | Float32Array> {
      if (request.kind === 'crop')
        return packAnswers([await stage.estimateCrop(frameOf(request.frame), request.isMirrored)]);
      if (request.kind !== 'express') throw new Error(`the expression worker does not answer ${request.kind}`);
      const { look, inputsOf } = request;
      const frame = frameOf(request.frame);
      const analysed = look.faces.filter((face) => face.isAnalysed);
      const faces = analysed.map((face) => landmarksOf(face.numbers));
      const answers = packAnswers(await stage.estimate(frame, faces));
      const inputs = analysed.flatMap(({ segment }, i) =>
        inputsOf.includes(segment) ? [{ segment, inputs: stage.inputs(frame, faces[i]) }] : [],
      );
      const told = problems;
      problems = [];
      return { ...look, answers, inputs, problems: told };
    },
    async release() {
      for (const network of networks) await network.release();
    },
  };
}, true);
