// Colours of the expressions: Okabe and Ito's set, which people with any kind of colour blindness tell apart, and Tol's wine for
// the eighth. Lines also differ by their dashes, so that nothing hangs on colour alone.
import { EXPRESSIONS, type Expression } from '../core/expression.ts';

export interface LineStyle {
  readonly color: string;
  /** Of words on this colour. */
  readonly ink: '#fff' | '#111';
  readonly dash: readonly number[];
}

export const LINE_STYLES: Readonly<Record<Expression, LineStyle>> = {
  anger: { color: '#d55e00', ink: '#111', dash: [] },
  contempt: { color: '#aa4499', ink: '#fff', dash: [6, 3] },
  disgust: { color: '#009e73', ink: '#111', dash: [2, 2] },
  fear: { color: '#cc79a7', ink: '#111', dash: [8, 3, 2, 3] },
  happiness: { color: '#e69f00', ink: '#111', dash: [] },
  neutral: { color: '#808080', ink: '#111', dash: [] },
  sadness: { color: '#0072b2', ink: '#fff', dash: [] },
  surprise: { color: '#56b4e9', ink: '#111', dash: [6, 3] },
};

export const STYLES_IN_ORDER: readonly LineStyle[] = EXPRESSIONS.map((name) => LINE_STYLES[name]);
