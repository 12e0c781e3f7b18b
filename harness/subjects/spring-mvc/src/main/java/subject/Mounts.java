package subject;

import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.cors.CorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;
import org.springframework.web.servlet.DispatcherServlet;

/**
 * What is mounted: a `CorsFilter` for each policy, below a path segment that the app does not see, in
 * front of one `DispatcherServlet`. Counters are outside of it.
 */
final class Mounts extends HttpFilter {
    /** Of the log of Tomcat: what handlers throw, and how it starts. */
    private static final Logger QUIET = Logger.getLogger("org.apache");

    private final Map<String, Mount> mounts = new ConcurrentHashMap<>();
    private final Executions everywhere = new Executions();
    private String address;

    /** How often handlers ran, case by case; the oldest goes first. */
    private static final class Executions extends LinkedHashMap<String, Long> {
        private static final int MOST_CASES = 10_000;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MOST_CASES;
        }

        synchronized void count(String name) {
            merge(name, 1L, Long::sum);
        }

        synchronized long of(String name) {
            return getOrDefault(name, 0L);
        }
    }

    /** One policy. */
    final class Mount {
        private final CorsFilter filter;
        private final Executions executions = new Executions();

        private Mount(CorsConfigurationSource source) {
            filter = new CorsFilter(source);
        }

        void count(String name) {
            executions.count(name);
            everywhere.count(name);
        }
    }

    /** The request as the app sees it, without the first segment of its path. */
    private static final class Below extends HttpServletRequestWrapper {
        private final Mount mount;
        private final int prefix;

        private Below(HttpServletRequest request, Mount mount, int prefix) {
            super(request);
            this.mount = mount;
            this.prefix = prefix;
        }

        @Override
        public String getRequestURI() {
            return super.getRequestURI().substring(prefix);
        }

        @Override
        public String getServletPath() {
            return super.getServletPath().substring(prefix);
        }
    }

    static Mounts serve() throws Exception {
        QUIET.setLevel(Level.OFF);
        Mounts mounts = new Mounts();
        Connector connector = new Connector();
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        // No connection is closed under a harness that pauses, or asks much.
        connector.setProperty("keepAliveTimeout", "600000");
        connector.setProperty("maxKeepAliveRequests", "-1");
        connector.addUpgradeProtocol(new Http2Protocol());
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(temporary());
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", null);
        FilterDef filter = new FilterDef();
        filter.setFilterName("mounts");
        filter.setFilter(mounts);
        context.addFilterDef(filter);
        FilterMap everything = new FilterMap();
        everything.setFilterName("mounts");
        everything.addURLPattern("/*");
        context.addFilterMap(everything);
        AnnotationConfigWebApplicationContext application = new AnnotationConfigWebApplicationContext();
        application.register(StandardApp.class);
        Tomcat.addServlet(context, "app", new DispatcherServlet(application)).setLoadOnStartup(1);
        context.addServletMappingDecoded("/", "app");
        tomcat.start();
        if (connector.getLocalPort() < 0) {
            throw new IOException("there is no port to be had");
        }
        mounts.address = "http://127.0.0.1:" + connector.getLocalPort();
        return mounts;
    }

    /** Tomcat wants a folder; it is empty when the program ends, and goes with it. */
    private static String temporary() throws IOException {
        java.nio.file.Path folder = Files.createTempDirectory("subject");
        folder.toFile().deleteOnExit();
        return folder.toString();
    }

    /** Mounts a policy, and says where. */
    String mount(String id, CorsConfigurationSource source) {
        mounts.put(id, new Mount(source));
        return address + "/" + id;
    }

    void release(String id) {
        mounts.remove(id);
    }

    /** The mount that a request came through. */
    static Mount of(ServletRequest request) {
        for (; request instanceof HttpServletRequestWrapper outer; request = outer.getRequest()) {
            if (request instanceof Below below) {
                return below.mount;
            }
        }
        throw new IllegalStateException("a request came past the mounts");
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain app)
            throws IOException, ServletException {
        String[] segments = request.getRequestURI().split("/", 4);
        boolean counter = segments.length == 4 && segments[2].equals("executed");
        Mount mount = segments.length > 2 ? mounts.get(segments[1]) : null;
        if (segments.length == 3 && segments[1].equals("executed")) {
            response.getWriter().print(everywhere.of(segments[2]));
        } else if (mount == null) {
            response.setStatus(404);
            response.getWriter().print("nothing is mounted here");
        } else if (counter) {
            response.getWriter().print(mount.executions.of(segments[3]));
        } else {
            mount.filter.doFilter(new Below(request, mount, segments[1].length() + 1), response, app);
        }
    }
}
