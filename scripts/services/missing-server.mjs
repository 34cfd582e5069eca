/**
 * Why the tests on a server cannot run, said loudly; `''`: they can.
 *
 * @param {string} name of the server, for people
 * @param {string} missing why there is none; `''`: there is
 * @returns {string} `missing`
 * @throws {Error} where they must run: MILLRACE_SERVICES=required
 */
export function missingServer(name, missing) {
  if (missing === '') return '';
  if (process.env.MILLRACE_SERVICES === 'required') throw new Error(`the tests on ${name} must run: ${missing}`);
  process.stderr.write(`\nTHE TESTS ON ${name.toUpperCase()} ARE SKIPPED: ${missing}\n\n`);
  return missing;
}
