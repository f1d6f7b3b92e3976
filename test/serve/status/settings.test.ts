import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ConfigError, readConfig } from '../../../src/config.ts';
import { readStatusSettings } from '../../../src/serve/status/settings.ts';
import { LANGUAGES, WORDS } from '../../../src/serve/status/words/words.ts';
import { STATUS_LANGUAGES } from '../../../src/settings.ts';
import { runMusterbook } from '../../support/server.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]);

describe('settings of the status page', () => {
  test('are read from flags, environment and file like all others', (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'm.yaml'), 'statusTitle: From the file\nstatusText: Hello\n');
    const env = { MUSTERBOOK_STATUS_COLOR: '#AA00ff', MUSTERBOOK_STATUS_LOGO: 'logo.svg', MUSTERBOOK_CONFIG: 'm.yaml' };
    const config = readConfig({ folder, env, flags: { statusLanguage: 'de' } });
    assert.deepEqual(
      [config.statusTitle, config.statusText, config.statusColor, config.statusLogo, config.statusLanguage],
      ['From the file', 'Hello', '#aa00ff', join(folder, 'logo.svg'), 'de'],
    );
  });

  test('that are wrong are named with what was expected', () => {
    const env = {
      MUSTERBOOK_STATUS_COLOR: 'red;}body{display:none',
      MUSTERBOOK_STATUS_LANGUAGE: 'fr',
      MUSTERBOOK_STATUS_TITLE: 'x'.repeat(101),
      MUSTERBOOK_STATUS_TEXT: 'two\nlines',
    };
    assert.throws(
      () => readConfig({ env, folder: '/x' }),
      (error) => error instanceof ConfigError && error.faults.length === 4,
    );
  });

  test('a logo is an SVG or a PNG file; a server with another does not start', async (t) => {
    const folder = temporaryFolder(t);
    const read = (name: string, content: string | Uint8Array | null) => {
      const path = join(folder, name);
      if (content !== null) writeFileSync(path, content);
      return readStatusSettings({ ...readConfig({ env: {}, folder }), statusLogo: path });
    };
    for (const svg of ['<svg/>', '<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="http://www.w3.org/2000/svg"></svg>']) {
      assert.equal(read('a', svg).settings.logo?.type, 'image/svg+xml');
    }
    assert.equal(read('b', PNG).settings.logo?.type, 'image/png');
    const wrong = [null, '', '<html><svg/></html>', 'GIF89a', new Uint8Array(600 * 1024)] as const;
    for (const [index, content] of wrong.entries()) {
      const { settings, fault } = read(`wrong${index}`, content);
      assert.deepEqual([settings.logo, fault?.setting], [null, 'MUSTERBOOK_STATUS_LOGO']);
    }
    const env = { MUSTERBOOK_DATA: join(folder, 'data'), MUSTERBOOK_STATUS_LOGO: join(folder, 'nothing.svg') };
    const { exit, stderr } = await runMusterbook(['serve', '--port', '0'], { env });
    assert.equal(exit, 2);
    assert.match(stderr, /MUSTERBOOK_STATUS_LOGO is .* expected a readable file/);
  });

  test('every language that can be set has its words, and says them in its own way', () => {
    assert.deepEqual([...STATUS_LANGUAGES].sort(), [...LANGUAGES].sort());
    const { en, de } = WORDS;
    assert.deepEqual(Object.keys(en).sort(), Object.keys(de).sort());
    for (const words of [en, de]) assert.deepEqual([words.months.length, words.monthsShort.length], [12, 12]);
  });
});
