// The networks of @vladmandic/human that Mien uses. Its packages hold whole graphs; here their wanted outputs are named.
import { GraphModelReader, type GraphModel } from './graph-model.ts';
import { Network } from './layers.ts';

const CALL = 'StatefulPartitionedCall';
const FACE_FLAG = `${CALL}/model_1/conv2d_31/BiasAdd`;

/**
 * Detector BlazeFace (full range): `image` [n, 3, 256, 256] to `boxes` [n, 896, 16] (offsets in pixels of the input: centre,
 * size, six key points) and `score_logits` [n, 896]. The first 512 anchors have stride 16, the others 32.
 */
export function blazeface(model: GraphModel, weights: Uint8Array): Uint8Array {
  const net = new Network('blazeface');
  const reader = new GraphModelReader(net, model, weights);
  reader.input('image', 'input');
  const scales = (kind: string): string => {
    const rows = [1, 2].map((i) => reader.flat(`${CALL}/functional_1/tf_op_layer_${kind}_${i}/${kind}_${i}`));
    return net.graph.node('Concat', rows, { axis: 1 });
  };
  net.graph.output('boxes', scales('regressors'), ['n', 896, 16]);
  net.graph.output('score_logits', net.graph.node('Flatten', [scales('classificators')], { axis: 1 }), ['n', 896]);
  return net.graph.serialize();
}

/**
 * Face mesh: `face` [n, 3, 192, 192] to `points` [n, 1404] (x, y, z of 468 points in pixels of the input) and `face_logit`
 * [n, 1]. The contour output of the original is left out.
 */
export function facemesh(model: GraphModel, weights: Uint8Array): Uint8Array {
  const net = new Network('facemesh');
  const reader = new GraphModelReader(net, model, weights);
  reader.input('face', 'input_1');
  net.graph.output('points', reader.flat(`${CALL}/model_1/output_mesh/Reshape`), ['n', 1404]);
  net.graph.output('face_logit', net.flatten(reader.map(FACE_FLAG)), ['n', 1]);
  return net.graph.serialize();
}

/** Mini-Xception: `face` [n, 1, 64, 64] to `logits` [n, 7]: angry, disgust, fear, happy, sad, surprise, neutral. */
export function emotion(model: GraphModel, weights: Uint8Array): Uint8Array {
  const net = new Network('emotion');
  const reader = new GraphModelReader(net, model, weights);
  reader.input('face', 'input_1');
  net.graph.output('logits', reader.flat(`${CALL}/model_1/global_average_pooling2d_1/Mean`), ['n', 7]);
  return net.graph.serialize();
}
