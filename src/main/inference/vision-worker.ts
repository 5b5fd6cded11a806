// Worker thread: finds, follows and identifies faces, and hands the frame on to the expression threads. Embeddings never leave it.
import { scopesIn } from '../contract/withdrawal.ts';
import { FaceNetworks, type Network } from '../core/networks.ts';
import { isNoFace } from '../core/record.ts';
import { VisionStage } from '../core/vision.ts';
import { FORWARDED, type Numbered } from '../platform/thread.ts';
import { OrtModel } from './ort-model.ts';
import { packFace } from './packing.ts';
import { serve, type Stage } from './serve.ts';
import type { LookAnswer, WorkerRequest } from './protocol.ts';

serve(async ({ models, options, channels }, noted): Promise<Stage> => {
  const loaded = new Map<string, OrtModel>();
  for (const { id, entry, bytes } of models) loaded.set(id, await OrtModel.create(id, entry, bytes));
  const network = (id: string): Network => {
    const model = loaded.get(id);
    if (!model) throw new Error(`the vision worker was started without ${id}`);
    return noted(id, model);
  };
  const { vision } = options.profile;
  const networks = new FaceNetworks({
    detector: network(vision.detector),
    mesh: network(vision.mesh),
    occlusion: network(vision.occlusion),
    embedder: options.identification ? network(vision.embedder) : null,
  });
  const stage = new VisionStage(networks, options);
  let { analysed } = options;
  const isAnalysed = (participant: string | null): boolean =>
    analysed === null || (participant !== null && analysed.includes(participant));
  return {
    attach: (kernel, arena) => networks.attach(kernel, arena),
    async answer(request, id, frameOf) {
      if (request.kind === 'look') {
        const { faces, searched, cut } = await stage.process(frameOf(request.frame));
        const news = stage.takeNews();
        const look: LookAnswer = {
          faces: faces.map((face) => packFace(face, isAnalysed(face.participant) && !isNoFace(face.depth))),
          searched,
          cut,
          news: news.segments.length + news.persons.length > 0 ? news : null,
        };
        if (!look.faces.some((face) => face.isAnalysed))
          return { ...look, answers: new Float32Array(0), inputs: [], problems: [] };
        const { frame, inputsOf } = request;
        const handedOn: Numbered<WorkerRequest> = { id, request: { kind: 'express', frame, look, inputsOf } };
        for (const channel of channels) channel.postMessage(handedOn);
        return FORWARDED;
      }
      if (request.kind === 'enrol') return stage.enrol(request.code, frameOf(request.frame));
      if (request.kind === 'assign') return stage.assign(request.track, request.participant);
      if (request.kind === 'withdraw') {
        const scopes = scopesIn(request.scope);
        if (scopes.includes('analysis')) analysed = (analysed ?? []).filter((code) => code !== request.participant);
        if (scopes.includes('identification')) stage.withdraw(request.participant);
        return null;
      }
      if (request.kind === 'finish') return stage.finish();
      if (request.kind === 'settle') return stage.settle();
      throw new Error(`the vision worker does not answer ${request.kind}`);
    },
    async release() {
      for (const channel of channels) channel.close();
      for (const model of loaded.values()) await model.release();
    },
  };
}, false);
