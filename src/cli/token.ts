/** `musterbook token create`: a token for its owner, and the line that lets the server know it. */
import type { Command } from 'commander';
import { usageFailure } from './failure.ts';
import { withOutput } from './options.ts';
import { type Format, type ItemShape, printItem } from './print/format.ts';
import type { Runtime } from './runtime.ts';

interface Created {
  readonly name: string;
  readonly roles: readonly string[];
  readonly token: string;
  readonly line: string;
}

const SHAPE: ItemShape<Created> = {
  name: ({ token }) => token,
  draw: ({ token, line }) => `token  ${token}\nline   ${line}\n`,
};

export function addToken(program: Command, runtime: Runtime): void {
  const token = program.command('token').description('tokens for the server’s token file');
  withOutput(token.command('create <name>'))
    .description('draw a token; its line goes into the file that MUSTERBOOK_TOKENS names, the token to its owner')
    .requiredOption('--role <role,...>', runtime.roles.join(', '))
    .action(async (name: string, options: { readonly role: string; readonly output: Format }) => {
      const roles = options.role.split(',').map((role) => role.trim());
      const unknown = roles.filter((role) => !runtime.roles.includes(role));
      if (unknown.length > 0)
        throw usageFailure(`--role ${unknown.join(',')}: expected roles among ${runtime.roles.join(', ')}`);
      if (/\p{Cc}/u.test(name) || name.trim() !== name || name === '') {
        throw usageFailure('a name is one line without white space at its ends');
      }
      const created = runtime.createToken(name, roles);
      await printItem({ name, roles, ...created }, options.output, SHAPE, runtime.terminal);
      if (options.output === 'table')
        runtime.terminal.note('The token is shown once. The server reads its token file when it starts.\n');
    });
}
