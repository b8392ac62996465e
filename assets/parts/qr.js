// Vestibule: QR codes made in the page (ISO/IEC 18004: bytes, level M, up to version 20), so that no link leaves it.

import { svg } from '../base/ui.js';

// Of each version: data bytes, error correction bytes of a block, blocks.
const DATA = [16, 28, 44, 64, 86, 108, 124, 154, 182, 216, 254, 290, 334, 365, 415, 453, 507, 563, 627, 669];
const ECC = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const MARGIN = 4;

/** An SVG picture of `text`, black on white with its margin; null if it is too long. */
export function qrPicture(text, label) {
  const modules = encode(new TextEncoder().encode(text));
  if (!modules) return null;
  const size = modules.length + 2 * MARGIN;
  const path = modules.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + MARGIN} ${y + MARGIN}h1v1h-1z` : ''))).join('');
  return svg('svg', { viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges' },
    svg('rect', { width: size, height: size, fill: '#fff' }), svg('path', { d: path, fill: '#000' }));
}

/** Rows of booleans, dark is true. */
export function encode(bytes) {
  const fits = (data, at) => 4 + (at < 9 ? 8 : 16) + 8 * bytes.length <= 8 * data;
  const version = DATA.findIndex(fits) + 1;
  return version ? draw(version, codewords(version, bytes)) : null;
}

/** The data with its error correction, the blocks interleaved. */
function codewords(version, bytes) {
  const [room, checks, count] = [DATA, ECC, BLOCKS].map((table) => table[version - 1]);
  const bits = [];
  const put = (value, length) => {
    for (let bit = length - 1; bit >= 0; bit -= 1) bits.push((value >> bit) & 1);
  };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, 8 * room - bits.length));
  while (bits.length % 8) bits.push(0);
  const data = [];
  for (let at = 0; at < bits.length; at += 8) data.push(parseInt(bits.slice(at, at + 8).join(''), 2));
  for (let pad = 0xec; data.length < room; pad ^= 0xfd) data.push(pad);

  const short = Math.floor(room / count);
  const blocks = Array.from({ length: count }, (_, at) => {
    const longer = Math.max(0, at - count + (room % count));
    const from = at * short + longer;
    return data.slice(from, from + short + (at >= count - (room % count) ? 1 : 0));
  });
  const woven = (parts) => Array.from({ length: short + checks }, (_, at) => parts.map((part) => part[at]))
    .flat().filter((byte) => byte !== undefined);
  return [...woven(blocks), ...woven(blocks.map((block) => remainder(block, checks)))];
}

function multiply(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) product = (product << 1) ^ ((product >> 7) * 0x11d) ^ (((b >> bit) & 1) * a);
  return product;
}

/** Reed–Solomon over GF(256). */
function remainder(data, degree) {
  const divisor = [...Array(degree - 1).fill(0), 1];
  for (let turn = 0, root = 1; turn < degree; turn += 1, root = multiply(root, 2)) {
    for (let at = 0; at < degree; at += 1) divisor[at] = multiply(divisor[at], root) ^ (divisor[at + 1] ?? 0);
  }
  const rest = Array(degree).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((value, at) => { rest[at] ^= multiply(value, factor); });
  }
  return rest;
}

function draw(version, words) {
  const size = version * 4 + 17;
  const rows = Array.from({ length: size }, () => Array(size).fill(null));
  const set = (x, y, dark) => { if (rows[y]?.[x] !== undefined) rows[y][x] = dark; };
  const square = (cx, cy, reach, isDark) => {
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) set(cx + dx, cy + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  };
  for (let at = 0; at < size; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(x, y, 4, (ring) => ring !== 2 && ring !== 4);
  const centres = alignment(version, size);
  const last = centres.length - 1;
  centres.forEach((x, i) => centres.forEach((y, j) => {
    const corner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
    if (!corner) square(x, y, 2, (ring) => ring !== 1);
  }));
  format(set, size);
  if (version >= 7) {
    let checks = version;
    for (let turn = 0; turn < 12; turn += 1) checks = (checks << 1) ^ ((checks >> 11) * 0x1f25);
    const bits = (version << 12) | checks;
    for (let at = 0; at < 18; at += 1) {
      const [a, b] = [size - 11 + (at % 3), Math.floor(at / 3)];
      set(a, b, ((bits >> at) & 1) === 1);
      set(b, a, ((bits >> at) & 1) === 1);
    }
  }

  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (rows[y][x] !== null) continue;
        const bit = (words[at >> 3] ?? 0) >> (7 - (at & 7)) & 1;
        rows[y][x] = bit !== (x + y + 1) % 2;
        at += 1;
      }
    }
  }
  return rows;
}

function alignment(version, size) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, at) => size - 7 - at * step).reverse()];
}

function format(set, size) {
  const bits = 0x5412; // Level M and mask 0: the pattern of squares, which random text needs no choice of.
  const put = (x, y, at) => set(x, y, ((bits >> at) & 1) === 1);
  for (let at = 0; at < 15; at += 1) {
    if (at < 8) put(8, at + (at > 5 ? 1 : 0), at);
    else put(at === 8 ? 7 : 14 - at, 8, at);
    if (at < 8) put(size - 1 - at, 8, at);
    else put(8, size - 15 + at, at);
  }
  set(8, size - 8, true);
}
