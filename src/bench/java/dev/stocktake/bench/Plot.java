package dev.stocktake.bench;

import java.util.List;
import java.util.Locale;

/**
 * Lines over steps that are equally wide, on a logarithmic scale.
 *
 * @param steps on the horizontal axis
 */
record Plot(String title, String axis, List<String> steps, List<Line> lines) {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 400;
    private static final int LEFT = 60;
    private static final int RIGHT = 90;
    private static final int TOP = 40;
    private static final int BOTTOM = 50;
    /** Told apart by who does not see all colours, too. */
    private static final List<String> COLOURS = List.of("#0072b2", "#009e73", "#e69f00", "#d55e00", "#cc79a7");

    /** @param values one for each step, greater than 0 */
    record Line(String name, List<Double> values) {}

    String svg() {
        double least = lines.stream()
                .flatMap(line -> line.values().stream())
                .min(Double::compare)
                .orElse(1.0);
        double most = lines.stream()
                .flatMap(line -> line.values().stream())
                .max(Double::compare)
                .orElse(1.0);
        int low = (int) Math.floor(Math.log10(least));
        int high = Math.max(low + 1, (int) Math.ceil(Math.log10(most)));
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">",
                WIDTH,
                HEIGHT);
        add(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
        text(svg, WIDTH / 2.0, TOP / 2.0, "middle", title);
        text(svg, WIDTH / 2.0, HEIGHT - 10, "middle", axis);
        for (int power = low; power <= high; power++) {
            for (int digit : power == high ? new int[] {1} : new int[] {1, 2, 5}) {
                double value = digit * Math.pow(10, power);
                double y = y(value, low, high);
                add(
                        svg,
                        "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>",
                        LEFT,
                        WIDTH - RIGHT,
                        y,
                        y,
                        digit == 1 ? "#999" : "#ddd");
                text(svg, LEFT - 6, y + 4, "end", value < 1 ? "" + value : String.format(Locale.ROOT, "%.0f", value));
            }
        }
        for (int i = 0; i < steps.size(); i++) {
            text(svg, x(i), HEIGHT - BOTTOM + 18, "middle", steps.get(i));
        }
        for (int i = 0; i < lines.size(); i++) {
            line(svg, lines.get(i), COLOURS.get(i % COLOURS.size()), low, high);
        }
        return svg.append("</svg>\n").toString();
    }

    private void line(StringBuilder svg, Line line, String colour, int low, int high) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < line.values().size(); i++) {
            double y = y(line.values().get(i), low, high);
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(i), y));
            add(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>", x(i), y, colour);
        }
        add(
                svg,
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
                points.toString().strip(),
                colour);
        int last = line.values().size() - 1;
        text(svg, x(last) + 8, y(line.values().get(last), low, high) + 4, "start", line.name());
    }

    private double x(int step) {
        return LEFT + (WIDTH - LEFT - RIGHT) * (step + 0.5) / steps.size();
    }

    private static double y(double value, int low, int high) {
        double share = (Math.log10(value) - low) / (high - low);
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        add(svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, text);
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
