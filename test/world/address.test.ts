// Addresses and host lists.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressKind } from '../../runner/world/address.ts'
import { listsHost } from '../../runner/world/host.ts'

const kinds = {
  public: ['93.184.216.34', '8.8.8.8', '2606:4700::1111', '2a00:1450:4001:82a::200e'],
  inside: [
    '127.0.0.1',
    '127.255.255.254',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '::1',
    'fd12::1',
    '::ffff:10.0.0.1',
  ],
  never: [
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    'fd00:ec2::254',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    '100::1',
    '4000::1',
    '::7f00:1',
    '::ffff:169.254.169.254',
    '::ffff:0:127.0.0.1',
    'fe80::1%eth0',
    'no address',
    '',
  ],
} as const
for (const [kind, addresses] of Object.entries(kinds))
  for (const address of addresses)
    test(`${address || 'nothing'} is ${kind}`, () => assert.equal(addressKind(address), kind))

for (const [entry, host, port, listed] of [
  ['api.test', 'api.test', 443, true],
  ['API.Test.', 'api.test', 443, true],
  ['api.test', 'evil-api.test', 443, false],
  ['api.test', 'api.test.evil.test', 443, false],
  ['*.test', 'api.test', 443, true],
  ['*.test', 'a.b.test', 443, true],
  ['*.test', 'test', 443, false],
  ['*.api.test', 'evilapi.test', 443, false],
  ['api.test:8443', 'api.test', 8443, true],
  ['api.test:8443', 'api.test', 443, false],
  ['[::1]:8000', '::1', 8000, true],
  ['[::1]:8000', '::1', 8001, false],
  ['0:0:0:0:0:0:0:1', '::1', 80, true],
  ['127.1', '127.0.0.1', 80, true],
  ['bücher.test', 'xn--bcher-kva.test', 443, true],
  ['*', 'api.test', 443, false],
  ['', 'api.test', 443, false],
] as const)
  test(`the entry ${JSON.stringify(entry)} ${listed ? 'names' : 'does not name'} ${host}:${port}`, () =>
    assert.equal(listsHost([entry], { host, port }), listed))
