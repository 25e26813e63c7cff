import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import software.amazon.event.ruler.JsonRuleCompiler;
import software.amazon.event.ruler.Machine;

/**
 * event-ruler as a process that stays warm: one JSON object a line in, one a line out.
 *
 * <pre>
 * {"pattern": text, "events": [text, ...]}               {"matches": [true, false, "why the event is unreadable", ...]}
 *                                                        {"error": "why the pattern is refused"}
 * {"pattern": text, "events": [text, ...],               {"seconds": s, "cpu_seconds": s, "event_count": n, "match_count": n}
 *  "warm_ms": n, "measure_ms": n}                        (the whole list again and again; match_count is of one pass)
 * </pre>
 */
final class Ruler {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    public static void main(String[] arguments) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        PrintStream answers = new PrintStream(System.out, true, "UTF-8");
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            answers.println(JSON.writeValueAsString(answer(JSON.readTree(line))));
        }
    }

    private static ObjectNode answer(JsonNode question) throws IOException {
        String pattern = question.get("pattern").textValue();
        List<String> events = new ArrayList<>();
        question.get("events").forEach(event -> events.add(event.textValue()));
        ObjectNode answer = JSON.createObjectNode();
        String error = JsonRuleCompiler.check(pattern);
        if (error != null) {
            return answer.put("error", error);
        }
        Machine machine = Machine.builder().build();
        try {
            machine.addRule("rule", pattern);
        } catch (Exception | AssertionError refusal) {
            return answer.put("error", "addRule: " + refusal);
        }
        return question.has("measure_ms") ? measured(answer, machine, events, question) : matched(answer, machine, events);
    }

    private static ObjectNode matched(ObjectNode answer, Machine machine, List<String> events) {
        ArrayNode matches = answer.putArray("matches");
        for (String event : events) {
            try {
                matches.add(!machine.rulesForJSONEvent(event).isEmpty());
            } catch (Exception | AssertionError unreadable) {
                matches.add(unreadable.toString());
            }
        }
        return answer;
    }

    private static ObjectNode measured(ObjectNode answer, Machine machine, List<String> events, JsonNode question) {
        try {
            passes(machine, events, question.get("warm_ms").longValue());
            long start = System.nanoTime();
            long cpuStart = CPU.getCurrentThreadCpuTime();
            long passCount = passes(machine, events, question.get("measure_ms").longValue());
            double seconds = (System.nanoTime() - start) / 1e9;
            return answer.put("seconds", seconds)
                    .put("cpu_seconds", (CPU.getCurrentThreadCpuTime() - cpuStart) / 1e9)
                    .put("event_count", passCount * events.size())
                    .put("match_count", pass(machine, events));
        } catch (Exception unreadable) {
            return answer.put("error", unreadable.toString());
        }
    }

    /** Whole passes over the events until the time is up; at least one. */
    private static long passes(Machine machine, List<String> events, long forMs) throws Exception {
        long end = System.nanoTime() + forMs * 1_000_000;
        long count = 0;
        do {
            pass(machine, events);
            count++;
        } while (System.nanoTime() < end);
        return count;
    }

    private static int pass(Machine machine, List<String> events) throws Exception {
        int matched = 0;
        for (String event : events) {
            matched += machine.rulesForJSONEvent(event).size();
        }
        return matched;
    }
}
