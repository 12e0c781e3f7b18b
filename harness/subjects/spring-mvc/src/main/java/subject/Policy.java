package subject;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;

/** A policy, and what it becomes: a `CorsConfiguration` for each prefix of paths. */
record Policy(Origins origins, Tokens methods, Tokens requestHeaders, Tokens exposeHeaders,
        boolean credentials, BigInteger maxAge, boolean privateNetwork, List<Prefixed> paths) {

    record Origins(boolean any, List<String> list, List<String> subdomainsOf, List<String> patterns,
            @JsonProperty("null") boolean opaque) {
        Origins {
            list = orNone(list);
            subdomainsOf = orNone(subdomainsOf);
            patterns = orNone(patterns);
        }
    }

    record Tokens(boolean any, List<String> list) {
        Tokens {
            list = orNone(list);
        }

        List<String> orStar() {
            return any ? List.of(CorsConfiguration.ALL) : list;
        }
    }

    record Prefixed(String prefix, Policy policy) {
    }

    /** There is no option that says this part of a policy. */
    static final class Unsupported extends RuntimeException {
        final String feature;

        Unsupported(String feature, String reason) {
            super(reason);
            this.feature = feature;
        }
    }

    /** The package refused the policy, in its own words. */
    static final class Refused extends RuntimeException {
        Refused(IllegalArgumentException why) {
            super(why.getMessage());
        }
    }

    Policy {
        if (origins == null) {
            throw new IllegalArgumentException("a policy has origins");
        }
        Tokens none = new Tokens(false, null);
        methods = methods == null ? none : methods;
        requestHeaders = requestHeaders == null ? none : requestHeaders;
        exposeHeaders = exposeHeaders == null ? none : exposeHeaders;
        paths = orNone(paths);
    }

    private static <T> List<T> orNone(List<T> list) {
        return list == null ? List.of() : list;
    }

    /** The first pattern that matches a path decides, so the longest prefix comes first. */
    UrlBasedCorsConfigurationSource source() {
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        List<Prefixed> longestFirst = new ArrayList<>(paths);
        longestFirst.sort(Comparator.comparingInt((Prefixed one) -> one.prefix().length()).reversed());
        for (Prefixed one : longestFirst) {
            source.registerCorsConfiguration(pattern(one.prefix()), one.policy().configuration());
        }
        if (paths.stream().noneMatch(one -> one.prefix().equals("/"))) {
            source.registerCorsConfiguration("/**", configuration());
        }
        return source;
    }

    /** A prefix need not end with a segment: below `/a` is also `/ab`. */
    private static String pattern(String prefix) {
        if (prefix.matches(".*[?*{}\\\\%;].*")) {
            throw new Unsupported("paths", "this prefix has characters that patterns have a use for");
        }
        if (prefix.equals("/")) {
            return "/**";
        }
        if (prefix.endsWith("/")) {
            throw new Unsupported("paths", "`/a/**` matches `/a`, too, which is not below the prefix `/a/`");
        }
        return prefix + "*/**";
    }

    /** What is checked at its end, the filter would check at the first request. */
    private CorsConfiguration configuration() {
        CorsConfiguration configuration = new CorsConfiguration();
        origins(configuration);
        configuration.setAllowedMethods(methods.orStar());
        configuration.setAllowedHeaders(requestHeaders.orStar());
        configuration.setExposedHeaders(exposeHeaders.orStar());
        configuration.setAllowCredentials(credentials);
        configuration.setAllowPrivateNetwork(privateNetwork);
        if (maxAge != null) {
            if (maxAge.bitLength() > 63) {
                throw new Unsupported("max_age", "more seconds than a `long` holds");
            }
            configuration.setMaxAge(maxAge.longValue());
        }
        try {
            configuration.validateAllowCredentials();
            configuration.validateAllowPrivateNetwork();
        } catch (IllegalArgumentException why) {
            throw new Refused(why);
        }
        return configuration;
    }

    private void origins(CorsConfiguration configuration) {
        if (!origins.patterns.isEmpty()) {
            throw new Unsupported("origins", "patterns know `*` and lists of ports only");
        }
        if (origins.any) {
            configuration.addAllowedOrigin(CorsConfiguration.ALL);
            return;
        }
        origins.list.forEach(configuration::addAllowedOrigin);
        if (origins.opaque) {
            configuration.addAllowedOrigin("null");
        }
        for (String parent : origins.subdomainsOf) {
            configuration.addAllowedOriginPattern(parent.replaceFirst("://", "://*."));
        }
    }
}
