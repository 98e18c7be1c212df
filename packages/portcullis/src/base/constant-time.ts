/**
 * Compares two texts in time that depends on the length of `actual` only, never on where they
 * differ.
 */
export function equalConstantTime(actual: string, expected: string): boolean {
	let difference = actual.length ^ expected.length;
	for (let i = 0; i < actual.length; i++) {
		difference |=
			actual.charCodeAt(i) ^ expected.charCodeAt(expected.length === 0 ? 0 : i % expected.length);
	}
	return difference === 0;
}
