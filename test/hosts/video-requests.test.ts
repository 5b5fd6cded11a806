// Parts of videos as players ask for them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answerVideo, rangeOf, type VideoRequest } from '../../src/main/hosts/service/video-requests.ts';
import { temporaryFolder } from '../fixtures/store-folder.ts';

const FILM = '0123456789';

describe('a range', () => {
  it.each([
    ['bytes=0-', { first: 0, last: 9 }],
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=3-5', { first: 3, last: 5 }],
    ['bytes=9-9', { first: 9, last: 9 }],
    ['bytes=5-99', { first: 5, last: 9 }],
    ['bytes=-3', { first: 7, last: 9 }],
    ['bytes=-99', { first: 0, last: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=10-12', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    [null, null],
    ['', null],
    ['bytes=-', null],
    ['bytes=5-3', null],
    ['bytes=0-1,3-4', null],
    ['lines=0-1', null],
    ['bytes=a-b', null],
    ['bytes=1.5-3', null],
  ] as const)('%j of ten bytes is %j', (header, range) => {
    expect(rangeOf(header, 10)).toEqual(range);
  });

  it.each(['bytes=0-', 'bytes=0-0', 'bytes=-1'])('%j of nothing cannot be had', (header) => {
    expect(rangeOf(header, 0)).toBe('unsatisfiable');
  });
});

describe('a request for a video', () => {
  async function ask(request: Partial<VideoRequest>): Promise<unknown[]> {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'video'));
    writeFileSync(join(folder, 'video', 'aaaa.webm'), FILM);
    writeFileSync(join(folder, 'aaaa.webm'), 'another file');
    const asked = { method: 'GET', path: '/video/aaaa', range: null, ...request };
    const { status, headers, body } = await answerVideo(folder, asked);
    if (!body) return [status, headers, null];
    let text = '';
    const { first: start, last: end } = body.range;
    for await (const piece of body.file.createReadStream({ start, end, encoding: 'utf8' })) text += String(piece);
    return [status, headers, text];
  }

  const ALL = { 'Content-Type': 'video/webm', 'Accept-Ranges': 'bytes' };

  it('is answered with the whole, or with the part that is asked for', async () => {
    expect(await ask({})).toEqual([200, { ...ALL, 'Content-Length': '10' }, FILM]);
    const part = { ...ALL, 'Content-Length': '3', 'Content-Range': 'bytes 2-4/10' };
    expect(await ask({ range: 'bytes=2-4' })).toEqual([206, part, '234']);
    expect(await ask({ range: 'bytes=2-4', method: 'HEAD' })).toEqual([206, part, null]);
    expect(await ask({ range: 'bytes=10-' })).toEqual([416, { 'Content-Range': 'bytes */10' }, null]);
  });

  it.each([
    '/video/',
    '/video/bbbb',
    '/video/aaaa.webm',
    '/video/../aaaa.webm',
    '/video/..%2Faaaa',
    '/video/aaaa/',
    '/video//aaaa',
    '/other/aaaa',
    '/videos/aaaa',
  ])('%s finds nothing', async (path) => {
    expect(await ask({ path })).toEqual([404, {}, null]);
  });
});
