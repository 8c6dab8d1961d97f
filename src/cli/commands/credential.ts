import { changeGrants, findLogin, openCloud, openCredential, removeCredential, storeCredential } from '../../cluster/index.js';
import { needed, ownerOf, texts, USUAL_SCOPE } from '../clusters/describe.js';
import { describedAction, nameOf } from '../clusters/described.js';
import { vaultOf } from '../clusters/vault-folder.js';
import type { CommandSpec } from '../command.js';
import { UsageError } from '../exit-code.js';

const CREDENTIAL = { facet: 'credential', columns: { site: 'siteRef', owner: 'owner', kind: 'kind', grants: 'grants.user' } };

export const credential: CommandSpec = {
  name: 'credential',
  summary: 'Store, try, share or remove a way into a site',
  description:
    'create: reads it as OpenStack’s own tools do, from the OS_* variables or clouds.yaml; the secret goes into the vault, the directory gets a reference. check: logs in. grant, revoke: let USER use it, or no more; what was made with it stays. remove: refused while a cluster needs it. rotate: seals the vault with the key of --vault-key; --former names the one before.',
  arguments: [
    { form: '<ACTION>', about: 'what to do', choices: ['create', 'list', 'show', 'check', 'grant', 'revoke', 'remove', 'rotate'] },
    { form: '[NAME]', about: 'the id of the resource' },
    { form: '[USER]', about: 'grant, revoke: who' },
  ],
  options: [
    ['--site <ID>', 'create: the site it is for'],
    ['--cloud <NAME>', 'create: entry of clouds.yaml (default: OS_CLOUD, else the OS_* variables)'],
    ['--owner <USER>', 'create: whose it is (default: the user of this machine)'],
    ['--grant <USER>', 'create: who else may use it (repeatable)', { repeatable: true }],
    ['--former <FILE>', 'rotate: a key that was in use before (repeatable)', { repeatable: true }],
  ],
  examples: [
    ['facetry credential create cnaf-ada --site cnaf', 'from the OS_* variables'],
    ['facetry credential create cnaf-ada --site cnaf --cloud cnaf', 'from clouds.yaml'],
    ['facetry credential grant cnaf-ada grace', 'let grace use it too'],
    ['facetry credential rotate --vault-key new.key --former vault.key', 'seal with another key'],
  ],
  async run(session, [action, name, user], options) {
    const { client, terminal, print } = session;
    if (action === 'rotate') {
      const changed = vaultOf(session, false, texts(options.former)).rotate();
      return await print(`${changed} secrets are sealed with the new key\n`);
    }
    if (action !== 'remove' && (await describedAction(session, action, name, CREDENTIAL))) return;
    const id = nameOf(name);
    if (action === 'create') {
      const site = needed(options, 'site');
      const owner = ownerOf(session, options);
      const login = findLogin({
        env: terminal.env,
        cwd: terminal.cwd,
        ...(options.cloud === undefined ? {} : { name: String(options.cloud) }),
      });
      const scope = session.settings.scope ?? USUAL_SCOPE;
      await storeCredential(client, vaultOf(session, true), { id, site, owner, login, grants: texts(options.grant), scope });
      return await print(`${id} created\n`);
    }
    if (action === 'check') {
      const record = await openCredential(client, vaultOf(session, false), id);
      const services = await openCloud(record.login).services();
      return await print(`${id} opens ${record.site}: ${services.join(', ')}\n`);
    }
    if (action === 'grant' || action === 'revoke') {
      if (user === undefined) throw new UsageError('USER is missing');
      const others = (users: readonly string[]) => users.filter((one) => one !== user);
      const change = (users: readonly string[]) => (action === 'grant' ? [...others(users), String(user)] : others(users));
      const users = await changeGrants(client, vaultOf(session, false), id, change);
      return await print(`${id} may be used by its owner${users.map((one) => ` and ${one}`).join('')}\n`);
    }
    await removeCredential(client, vaultOf(session, false), id);
    await print(`${id} removed\n`);
  },
};
