/** Appends numbers and byte strings; the counterpart of `ByteReader`. */
export class ByteWriter {
	readonly #parts: Uint8Array[] = [];
	#length = 0;

	/** An unsigned integer in as few bytes as it needs (LEB128). */
	varint(value: number): this {
		const bytes: number[] = [];
		let rest = value;
		while (rest > 0x7f) {
			bytes.push((rest % 0x80) | 0x80);
			rest = Math.floor(rest / 0x80);
		}
		bytes.push(rest);
		return this.raw(Uint8Array.from(bytes));
	}

	/** Bytes with their length in front. */
	block(bytes: Uint8Array): this {
		return this.varint(bytes.length).raw(bytes);
	}

	/** Bytes as they are. */
	raw(bytes: Uint8Array): this {
		this.#parts.push(bytes);
		this.#length += bytes.length;
		return this;
	}

	finish(): Uint8Array {
		const whole = new Uint8Array(this.#length);
		let offset = 0;
		for (const part of this.#parts) {
			whole.set(part, offset);
			offset += part.length;
		}
		return whole;
	}
}

/**
 * Reads what `ByteWriter` wrote. Throws `RangeError` past the end: what it reads was authenticated
 * first, so that is a value of another version, never an attacker's.
 */
export class ByteReader {
	readonly #bytes: Uint8Array;
	#offset = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	varint(): number {
		let value = 0;
		for (let scale = 1; scale < 2 ** 49; scale *= 0x80) {
			const byte = this.#bytes[this.#offset];
			if (byte === undefined) throw new RangeError("read past the end");
			this.#offset++;
			value += (byte & 0x7f) * scale;
			if (byte < 0x80) return value;
		}
		throw new RangeError("varint too long");
	}

	block(): Uint8Array {
		return this.raw(this.varint());
	}

	raw(length: number): Uint8Array {
		const end = this.#offset + length;
		if (end > this.#bytes.length) throw new RangeError("read past the end");
		const part = this.#bytes.subarray(this.#offset, end);
		this.#offset = end;
		return part;
	}

	/** Leaves a block out. */
	skipBlock(): void {
		const end = this.varint() + this.#offset;
		if (end > this.#bytes.length) throw new RangeError("read past the end");
		this.#offset = end;
	}

	rest(): Uint8Array {
		return this.raw(this.#bytes.length - this.#offset);
	}
}
