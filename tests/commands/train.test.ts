import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../support/backtest.test-support.ts';
import { runCommand, type CommandOutcome } from '../support/command.test-support.ts';
import { ROOT } from '../support/program.test-support.ts';
import { tableText } from '../support/table.test-support.ts';

const TIMEOUT = { timeout: 120_000 };

interface World {
  readonly folder: string;
  /** Writes a file where there is content, and says where it is. */
  readonly file: (name: string, content?: string | Uint8Array) => string;
  readonly run: (...words: readonly string[]) => Promise<CommandOutcome>;
}

function world(): World {
  const folder = testFolder();
  return {
    folder,
    file(name, content) {
      const path = join(folder, name);
      if (content !== undefined) writeFileSync(path, content);
      return path;
    },
    run: (...words) => runCommand([...words, '--json']),
  };
}

const PARAMS = {
  xgboost: { objective: 'binary:logistic', num_boost_round: 20, max_depth: 4 },
  lightgbm: { objective: 'binary', num_iterations: 20, num_leaves: 15 },
  'random-forest': { n_estimators: 20, max_depth: 6, oob_score: true },
} as const;
type Kind = keyof typeof PARAMS;
const KINDS = ['xgboost', 'lightgbm', 'random-forest'] as const;

const asked = (kind: Kind, table: string, out: string, more: object = {}): readonly string[] => [
  ...['train', '--model', kind, '--table', table, '--label', 'y', '--out', out],
  ...['--params', JSON.stringify({ ...PARAMS[kind], ...more })],
];

interface Trained {
  readonly trainSeconds: number;
  readonly rounds: number;
  readonly bestRound: number | null;
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>> | null>>;
  readonly importance: { readonly gain: Readonly<Record<string, number>> };
}

const predictionsOf = ({ document }: CommandOutcome): readonly number[] =>
  (document as { readonly predictions: readonly number[] }).predictions;

describe('monsta train and predict', TIMEOUT, () => {
  it.each(KINDS)('make a model of %s from a table, and forecast another by it', async (kind) => {
    const { file, run } = world();
    const table = file('train.csv', tableText(1_500, 1));
    const params = file('params.json', JSON.stringify(PARAMS[kind]));
    const words = asked(kind, table, file('m.json'));
    const made = await run(...words.slice(0, -1), params, '--valid', file('valid.csv', tableText(800, 2)));
    expect(made.status, made.stderr).toBe(0);
    const trained = made.document as Trained;
    expect(made.document).toMatchObject({
      ...{ model: kind, task: { kind: 'binary' }, rows: 1_500, validRows: 800, columns: ['a', 'b', 'c', 'd'] },
      ...{ rounds: 20, bestRound: null, out: file('m.json') },
    });
    expect(trained.trainSeconds).toBeGreaterThan(0);
    expect(trained.trainSeconds).toBeLessThan(10);
    // 0.9 is what can be known.
    expect(trained.metrics['valid']?.['accuracy']).toBeGreaterThan(0.86);
    if (kind === 'random-forest') expect(trained.metrics['outOfBag']).toMatchObject({ rows: 1_500 });
    const { gain } = trained.importance;
    expect(Object.values(gain).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(gain['a']).toBeGreaterThan(gain['d'] ?? 0);

    const test = await run('predict', '--model', file('m.json'), '--table', file('test.csv', tableText(300, 3)));
    expect(test.status, test.stderr).toBe(0);
    const predictions = predictionsOf(test);
    expect(predictions).toHaveLength(300);
    const labels = tableText(300, 3).trim().split('\n').slice(1);
    const right = labels.filter(
      (line, row) => (line.endsWith('1') ? 1 : 0) === ((predictions[row] ?? 0) > 0.5 ? 1 : 0),
    );
    expect(right.length).toBeGreaterThan(250);
    expect(Object.keys(test.document as object)).toEqual(['predictions']);
  });

  it.each(KINDS)('make the same file of %s on one thread and on three', async (kind) => {
    const { file, run } = world();
    const table = file('train.csv', tableText(2_000, 4));
    const more = kind === 'random-forest' ? { random_state: 3 } : { seed: 3, subsample: 0.7 };
    for (const threads of ['1', '3']) {
      const made = await run(...asked(kind, table, file(`m${threads}.json`), more), '--threads', threads);
      expect(made).toMatchObject({ status: 0, document: { threads: Number(threads) } });
    }
    expect(readFileSync(file('m3.json'))).toEqual(readFileSync(file('m1.json')));
  });

  it('read a table in whatever form of CSV, and find its columns by name', async () => {
    const { file, run } = world();
    const text = tableText(300, 5);
    const made = await run(...asked('xgboost', file('train.csv', text), file('m.json')));
    expect(made.status, made.stderr).toBe(0);
    const turned = text
      .trim()
      .split('\n')
      .map((line) =>
        line
          .split(',')
          .toReversed()
          .map((cell) => `"${cell}"`)
          .join(';'),
      )
      .join('\r\n');
    const packed = file('turned.csv.gz', gzipSync(`\u{feff}${turned}`));
    const bare = file('bare.csv', text.replaceAll(/,[^,\n]*\n/g, '\n'));
    const said = await Promise.all(
      [file('train.csv'), packed, bare].map((table) => run('predict', '--model', file('m.json'), '--table', table)),
    );
    for (const other of said) expect(predictionsOf(other)).toEqual(predictionsOf(said[0] as CommandOutcome));
    expect(predictionsOf(said[0] as CommandOutcome)).toHaveLength(300);
  });

  it('train on classes, values, weights and categories', async () => {
    const { file, run } = world();
    const classes = file(
      'classes.csv',
      tableText(900, 6, ([a = 0, b = 0]) => (a > 0.3 ? 2 : b > 0 ? 1 : 0)),
    );
    for (const [kind, more] of [
      ['xgboost', { objective: 'multi:softprob', num_class: 3 }],
      ['lightgbm', { objective: 'multiclass', num_class: 3 }],
      ['random-forest', {}],
    ] as const) {
      const made = await run(...asked(kind, classes, file('m.json'), more));
      expect(made.status, made.stderr).toBe(0);
      const said = await run('predict', '--model', file('m.json'), '--table', classes);
      const rows = (said.document as { readonly predictions: readonly (readonly number[])[] }).predictions;
      expect(rows).toHaveLength(900);
      for (const row of rows.slice(0, 20)) {
        expect(row).toHaveLength(3);
        expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
      }
    }
    const values = file(
      'values.csv',
      tableText(900, 7, ([a = 0, , , d = 0]) => 100 + a + (d % 2 === 1 ? 3 : 0)),
    );
    for (const [kind, more] of [
      ['xgboost', { objective: 'reg:squarederror', num_boost_round: 60 }],
      ['lightgbm', { objective: 'regression', num_iterations: 60 }],
    ] as const) {
      const made = await run(
        ...asked(kind, values, file('m.json'), more),
        '--categorical',
        'd',
        '--weight',
        'b',
        '--ignore',
        'c',
      );
      expect(made, made.stderr).toMatchObject({ status: 1, document: { error: { code: 'weight_invalid' } } });
      const fine = await run(...asked(kind, values, file('m.json'), more), '--categorical', 'd', '--ignore', 'c');
      expect(fine, fine.stderr).toMatchObject({ status: 0, document: { columns: ['a', 'b', 'd'] } });
      expect((fine.document as Trained).metrics['train']?.['r2']).toBeGreaterThan(0.9);
    }
  });

  it.each(['xgboost', 'lightgbm'] as const)('stop training %s early, by rows kept apart', async (kind) => {
    const { file, run } = world();
    const rounds = kind === 'xgboost' ? { num_boost_round: 400 } : { num_iterations: 400 };
    const more = { ...rounds, early_stopping_rounds: 10, learning_rate: 0.3 };
    const table = file('train.csv', tableText(1_500, 8));
    const made = await run(...asked(kind, table, file('m.json'), more), '--valid-share', '0.3');
    expect(made.status, made.stderr).toBe(0);
    const trained = made.document as Trained;
    expect(made.document).toMatchObject({ rows: 1_050, validRows: 450 });
    expect(trained.bestRound).toBe(trained.rounds - 10);
    const without = await run(...asked(kind, table, file('m.json'), more));
    expect(without).toMatchObject({ status: 2, document: { error: { code: 'params_invalid' } } });
  });

  it('say what each column adds to a margin', async () => {
    const { file, run } = world();
    const table = file('train.csv', tableText(400, 9));
    await run(...asked('xgboost', table, file('m.json')));
    const [margins, explained] = await Promise.all([
      run('predict', '--model', file('m.json'), '--table', table, '--margin'),
      run('predict', '--model', file('m.json'), '--table', table, '--contributions'),
    ]);
    const { contributions, columns } = explained.document as {
      readonly contributions: readonly (readonly number[])[];
      readonly columns: readonly string[];
    };
    expect(columns).toEqual(['a', 'b', 'c', 'd', 'bias']);
    predictionsOf(margins).forEach((margin, row) => {
      const sum = contributions[row]?.reduce((total, part) => total + part, 0) ?? Number.NaN;
      expect(sum).toBeCloseTo(margin, 4);
      expect(predictionsOf(explained)[row]).toBeCloseTo(1 / (1 + Math.exp(-margin)), 5);
    });
  });

  it.each([
    [['--model', 'xgbost'], 2, /flag_invalid: --model xgbost: did you mean xgboost\?/],
    [['--label', 'Y'], 2, /column_unknown: --label: the table has no column 'Y'; did you mean 'y'\?/],
    [['--params', '{"max_dept":3}'], 2, /params_unknown: .*'max_dept'.*'max_depth'/],
    [['--params', '{"max_depth":"six"}'], 2, /params_invalid: .*max_depth/],
    [['--params', '{"max_depth":'], 2, /params_invalid: --params is no JSON/],
    [['--params', 'nowhere.json'], 1, /params_missing: there is no file .*nowhere\.json/],
    [['--table', 'nowhere.csv'], 1, /table_missing: there is no file .*nowhere\.csv/],
    [['--valid', 'nowhere.csv'], 1, /table_missing: there is no file .*nowhere\.csv/],
    [['--valid-share', '2'], 2, /--valid-share 2: a share above 0 and below 1/],
    [['--threads', '0'], 2, /--threads 0: a whole number from 1/],
    [['--format', 'onnx'], 2, /--format onnx: did you mean/],
    [['--format', 'lightgbm'], 2, /a model of xgboost is written as monsta or xgboost/],
    [['--out', 'nowhere/m.json'], 1, /model_unwritable: --out: there is no folder/],
    [['--ignore', 'a,b,c,d'], 1, /table_without_columns/],
    [['--categorical', 'a'], 1, /category_invalid/],
    [['--categorical', 'y'], 2, /--categorical: 'y' is the label/],
  ] as const)('refuse %j with what is wrong and how to mend it', async (change, status, message) => {
    const { file, run } = world();
    const words = [...asked('xgboost', file('train.csv', tableText(40, 1)), file('m.json'))];
    const at = words.indexOf(change[0]);
    if (at === -1) words.push(...change);
    else words.splice(at, 2, ...change);
    const refused = await run(...words);
    expect(refused.stderr).toMatch(message);
    expect(refused.status).toBe(status);
    expect(existsSync(file('m.json'))).toBe(false);
  });

  it.each([
    ['', 'table_empty', /is empty/],
    ['a,y\n', 'table_empty', /no row/],
    ['a,a,y\n1,2,0\n', 'table_header', /two columns are called 'a'/],
    ['a,y\n1,0\n2\n', 'table_ragged', /line 3: the row has 1 cells/],
    ['a,y\n1,0\nlow,1\n', 'table_text', /line 3: column 'a', row 2: 'low' is no number/],
    ['a,y\n1,0\n2,\n', 'label_not_finite', /line 3: the label 'y' is missing/],
    ['a,y\n1,0\n2,inf\n', 'label_not_finite', /line 3: the label 'y' is Infinity/],
    ['a,y\n1,0\ninf,1\n', 'value_infinite', /a is Infinity/],
    ['a,y\n1,0\n', 'rows_too_few', /1 rows are too few/],
    ['a,y\n1,1\n2,1\n', 'one_class', /all 2 rows are of class 1/],
    ['a,y\n1,0\n2,3\n', 'label_not_a_class', /the label is 3/],
    ['y\n1\n0\n', 'table_without_columns', /no column to learn from/],
  ])('say of the table %j that it is %s', async (text, code, message) => {
    const { file, run } = world();
    const refused = await run(...asked('xgboost', file('train.csv', text), file('m.json')));
    expect(refused, refused.stderr).toMatchObject({ status: 1, document: { error: { code } } });
    expect(refused.stderr).toMatch(message);
  });

  it('learn nothing from constant columns, and say so by forecasting the same for each row', async () => {
    const { file, run } = world();
    const rows = Array.from({ length: 60 }, (_, row) => `7,,${row % 3 === 0 ? 1 : 0}`);
    const table = file('flat.csv', `a,b,y\n${rows.join('\n')}\n`);
    for (const kind of KINDS) {
      const made = await run(...asked(kind, table, file('m.json')));
      expect(made.status, made.stderr).toBe(0);
      const said = predictionsOf(await run('predict', '--model', file('m.json'), '--table', table));
      expect(new Set(said).size).toBe(1);
      expect(Math.abs((said[0] ?? 0) - 1 / 3)).toBeLessThan(0.1);
    }
  });

  it('refuse a table that is not the model’s, and files that are no model', async () => {
    const { file, run } = world();
    const table = file('train.csv', tableText(100, 10));
    await run(...asked('random-forest', table, file('m.json')));
    const predict = (model: string, text: string, ...more: readonly string[]) =>
      run('predict', '--model', model, '--table', file('other.csv', text), ...more);
    const missing = await predict(file('m.json'), 'a,b,y\n1,2,0\n');
    expect(missing).toMatchObject({ status: 1, document: { error: { code: 'column_missing' } } });
    expect(missing.stderr).toMatch(/the table lacks 2 columns of the model: c, d/);
    const extra = await predict(file('m.json'), 'a,b,c,d,e,y\n1,2,3,4,5,0\n');
    expect(extra.stderr).toMatch(
      /column_extra: the model has not learned from e, y: leave these columns out with --ignore/,
    );
    expect(await predict(file('m.json'), 'a,b,c,d,e,y\n1,2,3,4,x,0\n', '--ignore', 'e')).toMatchObject({ status: 0 });

    const whole = readFileSync(file('m.json'), 'utf8');
    for (const [name, text] of [
      ['cut.json', whole.slice(0, whole.length / 2)],
      ['other.json', '{"learner":{}}'],
      ['list.json', '[1,2,3]'],
      ['text.txt', 'tree\nversion=v4\n'],
      ['bytes.bin', Buffer.from([0, 255, 1, 254])],
      ['empty.json', ''],
    ] as const) {
      const refused = await run('predict', '--model', file(name, text), '--table', table);
      expect(refused.status, `${name}: ${refused.stderr}`).toBe(1);
      expect(refused.stderr).toMatch(/^error model_[a-z_]+: /);
    }
    expect((await run('predict', '--model', file('nowhere.json'), '--table', table)).stderr).toMatch(/model_missing/);
    expect((await run('predict', '--table', table)).status).toBe(2);
  });

  /** Starts a long training, and gives its process once it shows that it trains. */
  async function longTraining({ file, folder }: World) {
    const table = file('train.csv', tableText(20_000, 11));
    writeFileSync(join(folder, 'm.json'), 'the model before');
    const words = asked('random-forest', table, join(folder, 'm.json'), { n_estimators: 20_000, max_depth: null });
    const child = spawn(process.execPath, [join(ROOT, 'apps/monsta/src/main.ts'), ...words], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', (status) => resolve(status)));
    let stderr = '';
    await new Promise<void>((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        if (/rounds\/s/.test(stderr)) resolve();
      });
      child.once('exit', () => resolve());
    });
    return { child, ended, stderr: () => stderr };
  }

  it('leave the old model where it was when they are killed', async () => {
    const here = world();
    const { child, ended, stderr } = await longTraining(here);
    expect(stderr()).toMatch(/rounds\/s/);
    child.kill('SIGKILL');
    await ended;
    expect(readFileSync(here.file('m.json'), 'utf8')).toBe('the model before');
    expect(readdirSync(here.folder).toSorted()).toEqual(['m.json', 'train.csv']);
  });

  it('end at once and write nothing when they are interrupted', async () => {
    const here = world();
    const { child, ended, stderr } = await longTraining(here);
    child.kill('SIGINT');
    expect(await ended).toBe(1);
    expect(stderr()).toMatch(/error training_canceled: the training was stopped; nothing was written/);
    expect(readFileSync(here.file('m.json'), 'utf8')).toBe('the model before');
    expect(readdirSync(here.folder).toSorted()).toEqual(['m.json', 'train.csv']);
  });

  it('replace a model whole, and say where they can’t write', async () => {
    const { file, run } = world();
    const table = file('train.csv', tableText(60, 12));
    mkdirSync(file('folder'));
    expect((await run(...asked('xgboost', table, file('folder')))).stderr).toMatch(/model_unwritable: .* is no file/);
    writeFileSync(file('m.json'), 'old');
    expect((await run(...asked('xgboost', table, file('m.json')))).status).toBe(0);
    expect(() => JSON.parse(readFileSync(file('m.json'), 'utf8')) as unknown).not.toThrow();
  });
});
