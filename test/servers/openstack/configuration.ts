/** What Keystone, Heat and Glance are told so that they run on loopback with SQLite, without RabbitMQ, MariaDB and systemd. */

export interface Ports {
  readonly keystone: number;
  readonly heat: number;
  readonly glance: number;
}

export interface Passwords {
  readonly admin: string;
  readonly heat: string;
  readonly glance: string;
  readonly domain: string;
  readonly demo: string;
  /** 32 hexadecimal digits, with which Heat encrypts what it keeps */
  readonly encryption: string;
}

export interface SiteOptions {
  /** seconds a token lasts; default 3600 */
  readonly tokenTtl?: number;
  /** whether Keystone lets application credentials make trusts, as Heat needs for every stack; default true */
  readonly applicationCredentialTrusts?: boolean;
  /** whether stacks can be abandoned and adopted; default true */
  readonly adoption?: boolean;
}

export const HOST = '127.0.0.1';

export function addressesOf(ports: Ports): { readonly keystone: string; readonly heat: string; readonly glance: string } {
  const at = (port: number) => `http://${HOST}:${port}`;
  return { keystone: at(ports.keystone), heat: at(ports.heat), glance: at(ports.glance) };
}

export function keystoneConf(state: string, ports: Ports, options: SiteOptions): string {
  return `[DEFAULT]
log_file = ${state}/log/keystone.log
public_endpoint = ${addressesOf(ports).keystone}
[database]
# uwsgi hands a connection from thread to thread, which SQLite's driver refuses unless told
connection = sqlite:///${state}/db/keystone.db?check_same_thread=false
[token]
provider = fernet
expiration = ${options.tokenTtl ?? 3600}
[fernet_tokens]
key_repository = ${state}/fernet
[fernet_receipts]
key_repository = ${state}/fernet
[credential]
key_repository = ${state}/credential
[cache]
# without it every check of a token takes 0.4 s; right with one process only, so threads and no workers
enabled = true
backend = oslo_cache.dict
expiration_time = 600
[identity]
# the least there is, and for tests alone: the default of 12 rounds takes 0.25 s a login
password_hash_rounds = 4
[security_compliance]
# Debian's security updates of 2026 refuse trusts made with an application credential: POST /stacks is then a bare 403
allow_insecure_application_credential_trust_escalation = ${options.applicationCredentialTrusts ?? true}
${POLICY}`;
}

export function heatConf(state: string, ports: Ports, passwords: Passwords, options: SiteOptions): string {
  const { keystone, heat } = addressesOf(ports);
  return `[DEFAULT]
log_file = ${state}/log/heat.log
# calls inside the process: right because heat-all runs API and engine in one
transport_url = fake:///
num_engine_workers = 1
region_name_for_services = RegionOne
stack_user_domain_name = heat
stack_domain_admin = heat_domain_admin
stack_domain_admin_password = ${passwords.domain}
auth_encryption_key = ${passwords.encryption}
heat_metadata_server_url = ${heat}
heat_waitcondition_server_url = ${heat}/v1/waitcondition
server_keystone_endpoint_type = public
environment_dir = /etc/heat/environment.d
template_dir = /etc/heat/templates
rpc_response_timeout = 60
# else it ignores SIGTERM
graceful_shutdown_timeout = 2
enable_stack_adopt = ${options.adoption ?? true}
enable_stack_abandon = ${options.adoption ?? true}
[heat_all]
enabled_services = engine,api
[heat_api]
bind_host = ${HOST}
bind_port = ${ports.heat}
workers = 1
[database]
connection = sqlite:///${state}/db/heat.db
[paste_deploy]
api_paste_config = /etc/heat/api-paste.ini
[clients_keystone]
auth_uri = ${keystone}
[clients]
endpoint_type = publicURL
${authtoken(keystone, 'heat', passwords.heat, 'orchestration')}
[trustee]
auth_type = password
auth_url = ${keystone}
username = heat
password = ${passwords.heat}
user_domain_name = Default
[oslo_concurrency]
lock_path = ${state}/lock
${POLICY}`;
}

export function glanceConf(state: string, ports: Ports, passwords: Passwords): string {
  return `[DEFAULT]
log_file = ${state}/log/glance.log
bind_host = ${HOST}
enabled_backends = files:file
workers = 1
[glance_store]
default_backend = files
[files]
filesystem_store_datadir = ${state}/images
[os_glance_staging_store]
filesystem_store_datadir = ${state}/images/staging
[os_glance_tasks_store]
filesystem_store_datadir = ${state}/images/tasks
[database]
connection = sqlite:///${state}/db/glance.db?check_same_thread=false
[paste_deploy]
flavor = keystone
[oslo_concurrency]
lock_path = ${state}/lock
${authtoken(addressesOf(ports).keystone, 'glance', passwords.glance, 'image')}
${POLICY}`;
}

const POLICY = `[oslo_policy]
enforce_scope = false
enforce_new_defaults = false
`;

/** `service_type`: without it application credentials with access rules get 401. */
function authtoken(keystone: string, user: string, password: string, serviceType: string): string {
  return `[keystone_authtoken]
www_authenticate_uri = ${keystone}
auth_url = ${keystone}
auth_type = password
username = ${user}
password = ${password}
user_domain_name = Default
project_name = service
project_domain_name = Default
service_token_roles_required = false
service_type = ${serviceType}`;
}
