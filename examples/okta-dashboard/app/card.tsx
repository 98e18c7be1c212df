import { type ReactNode, useId } from "react";

interface CardProps {
	readonly title: string;
	readonly note?: string;
	readonly className?: string;
	readonly children: ReactNode;
}

/** A part of a page with a heading of its own. */
export function Card({ title, note, className = "", children }: CardProps) {
	const id = useId();
	return (
		<section className={`card ${className}`} aria-labelledby={id}>
			<h2 id={id}>{title}</h2>
			{note && <p className="muted">{note}</p>}
			{children}
		</section>
	);
}
