package subject;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.catalina.util.ServerInfo;
import org.springframework.web.filter.CorsFilter;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * Spring MVC's `CorsFilter` under the standard app on embedded Tomcat, as a subject of the harness:
 * JSON lines on stdin and stdout, HTTP on a loopback port, a log on stderr.
 *
 * What a policy becomes is in {@link Policy}, the app in {@link StandardApp}, what is mounted where in
 * {@link Mounts}; the protocol is here.
 */
public final class Subject {
    private static final String HOME = "https://github.com/spring-projects/spring-framework";

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    record Start(int protocol) {
    }

    record Named(String id, Policy policy) {
    }

    record Configure(List<Named> policies) {
    }

    record Release(List<String> ids) {
    }

    record Request(Long seq, Start start, Configure configure, Release release, Map<String, Object> stop) {
    }

    private final Mounts mounts;

    private Subject(Mounts mounts) {
        this.mounts = mounts;
    }

    public static void main(String[] arguments) throws Exception {
        // Whatever else prints to stdout would break the protocol.
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        new Subject(Mounts.serve()).speak(in, out);
        System.exit(0);
    }

    private void speak(BufferedReader in, PrintStream out) throws IOException {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, Object> answer = answer(line);
            out.println(JSON.writeValueAsString(answer));
            if (answer.containsKey("stopped")) {
                return;
            }
        }
    }

    private Map<String, Object> answer(String line) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("seq", 0);
        try {
            // First what can be known of a line that is not understood.
            Map<?, ?> fields = JSON.readValue(line, Map.class);
            if (fields.get("seq") instanceof Number seq) {
                answer.put("seq", seq);
            }
            Request request = JSON.readValue(line, Request.class);
            if (request.seq() == null || fields.size() != 2) {
                throw new IllegalArgumentException("a number and one message are expected");
            }
            answer(request, answer);
        } catch (RuntimeException error) {
            answer.put("errored", Map.of("message", "this line cannot be answered", "detail", "" + error));
        }
        return answer;
    }

    private void answer(Request request, Map<String, Object> answer) {
        if (request.start() != null && request.start().protocol() == 1) {
            answer.put("started", about());
        } else if (request.configure() != null) {
            List<Map<String, Object>> outcomes = new ArrayList<>();
            request.configure().policies().forEach(named -> outcomes.add(mount(named)));
            answer.put("configured", outcomes);
        } else if (request.release() != null) {
            request.release().ids().forEach(mounts::release);
            answer.put("released", request.release().ids());
        } else if (request.stop() != null) {
            answer.put("stopped", Map.of());
        } else {
            throw new IllegalArgumentException("a message of protocol 1 is expected");
        }
    }

    private Map<String, Object> mount(Named named) {
        try {
            return Map.of("id", named.id(), "base", mounts.mount(named.id(), named.policy().source()));
        } catch (Policy.Unsupported no) {
            return Map.of("id", named.id(),
                    "unsupported", Map.of("feature", no.feature, "reason", no.getMessage()));
        } catch (Policy.Refused no) {
            return Map.of("id", named.id(), "rejected", Map.of("message", "" + no.getMessage()));
        }
    }

    private static Map<String, Object> about() {
        List<String> lists = List.of("any", "list");
        return Map.of(
                "name", "spring-mvc",
                "version", CorsFilter.class.getPackage().getImplementationVersion(),
                "language", "Java",
                "runtime", ServerInfo.getServerInfo() + " on Java " + Runtime.version(),
                "homepage", HOME,
                "issues", HOME + "/issues",
                "role", "server",
                "capabilities", Map.of(
                        "origins", List.of("any", "list", "subdomains_of", "null"),
                        "methods", lists, "request_headers", lists, "expose_headers", lists,
                        "credentials", true, "max_age", true, "private_network", true,
                        "paths", true, "dynamic", true, "http2", true));
    }
}
