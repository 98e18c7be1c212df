import type { ReactNode } from "react";

interface PlotProps {
	/** What the picture shows, for those who do not see it. */
	readonly label: string;
	/** In units of the picture, at both widths. */
	readonly height: number;
	/** Width on large screens. */
	readonly width: number;
	/** Draws at a width. */
	readonly draw: (width: number) => ReactNode;
}

/** Width in which a picture is legible on a telephone. */
const NARROW = 340;

/**
 * A picture that is drawn twice, for large and for small screens; the style sheet shows one.
 * Measuring the page instead would leave a hole in what the server renders.
 */
export function Plot({ label, width, height, draw }: PlotProps) {
	return (
		<>
			{[
				{ name: "on-large", width },
				{ name: "on-small", width: NARROW },
			].map((one) => (
				<svg
					key={one.name}
					className={`plot ${one.name}`}
					viewBox={`0 0 ${one.width} ${height}`}
					role="img"
					aria-label={label}
				>
					{draw(one.width)}
				</svg>
			))}
		</>
	);
}
