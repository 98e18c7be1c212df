/**
 * Makes `instanceof` know instances of the same class of another copy of the package. Two copies
 * are in one process sooner than one thinks: pnpm installs one version twice where two packages of
 * a workspace have different versions of a peer.
 *
 * @param name Ends with a number. Raise it whenever what an instance holds changes its form.
 */
export function brand(base: { readonly prototype: object }, name: string): void {
	const key = Symbol.for(`portcullis.${name}`);
	Object.defineProperty(base.prototype, key, { value: true });
	Object.defineProperty(base, Symbol.hasInstance, {
		value(this: unknown, value: unknown): boolean {
			// Classes that extend it inherit this method; their own instances are found as ever.
			if (this !== base) return Function.prototype[Symbol.hasInstance].call(this as never, value);
			return typeof value === "object" && value !== null && key in value;
		},
	});
}
